import { mount } from '../mounts/koa-2.js'
import { describeApi } from '../src/index.js'

describeApi('Koa 2', mount)
