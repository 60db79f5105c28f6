// The endpoint in an app of the previous major of Koa.
// @ts-expect-error: the types of Koa are for one version at a time
import Koa from 'koa-2'
import { mountOn } from './koa.js'

/** @type {import('./listening.js').Mount} */
export const mount = (bus, options, at) => mountOn(new Koa(), bus, options, at)
