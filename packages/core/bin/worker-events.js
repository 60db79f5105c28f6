#!/usr/bin/env node
// Not in dist: npm links a command at install, and in a fresh clone nothing is built then.
import '../dist/cli/main.js'
