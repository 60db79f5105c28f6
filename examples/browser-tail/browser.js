// Looks at the page as a visitor would: with a Chromium of this machine, or else with the EventSource of Node, which sees
// the same stream without a page around it.
import { existsSync } from 'node:fs'
import { EventSource } from 'eventsource'
import { chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Opens the page; `lines()` is what it shows. */
export async function visit(origin) {
  const executablePath = process.env.CHROMIUM ?? places.find((path) => existsSync(path))
  return executablePath ? look(origin, executablePath) : follow(origin)
}

async function look(origin, executablePath) {
  // Inside containers Chromium has no sandbox of its own; the page is ours.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  const page = await browser.newPage()
  await page.goto(origin)
  await page.locator('body[data-state=open]').waitFor()
  const lines = () => page.locator('li').allTextContents()
  return { name: `Chromium ${browser.version()}`, lines, close: () => browser.close() }
}

async function follow(origin) {
  const source = new EventSource(`${origin}/internal/worker-events?channel=orders`)
  const seen = []
  source.addEventListener('placed', ({ data, lastEventId }) => {
    const { payload, pid } = JSON.parse(data)
    seen.push(`order ${payload.id} placed at process ${pid} (generation ${lastEventId})`)
  })
  await new Promise((resolve) => source.addEventListener('open', resolve, { once: true }))
  return { name: 'no Chromium here, so Node', lines: async () => seen, close: async () => source.close() }
}
