// What pm2 keeps running: two processes of a shop in its cluster mode, and one that is started by itself.
module.exports = {
  apps: [
    { name: 'shop', script: 'shop.js', cwd: __dirname, exec_mode: 'cluster', instances: 2 },
    { name: 'mailer', script: 'mailer.js', cwd: __dirname, exec_mode: 'fork' },
  ],
}
