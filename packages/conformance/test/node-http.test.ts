import { mount } from '../mounts/node-http.js'
import { describeApi } from '../src/index.js'

describeApi('a bare node:http server', mount)
