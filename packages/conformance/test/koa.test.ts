import { mount } from '../mounts/koa.js'
import { describeApi } from '../src/index.js'

describeApi('Koa 3', mount)
