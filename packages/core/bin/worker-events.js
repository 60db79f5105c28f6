#!/usr/bin/env node
// Not in bundle: npm links a command at install, and in a fresh clone nothing is built then.
import '../bundle/cli.js'
