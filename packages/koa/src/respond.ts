/** Sends the endpoint's answer as Koa's. */
import type { Readable } from 'node:stream'
import type { ApiResponse } from '@worker-events/core'
import type { Context } from 'koa'

/** What a connection ends with when the client goes: every live tail ends so, and none of them is a failure. */
const leaving = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']

export function respond(ctx: Context, { status, headers, body, error }: ApiResponse): void {
  ctx.status = status
  // Before the body, which would look for a type of its own.
  ctx.set({ ...headers })
  if (body !== undefined) ctx.body = body
  if (typeof body === 'object') attend(ctx, body)
  if (error !== undefined) ctx.app.emit('error', error, ctx)
}

function attend(ctx: Context, tail: Readable): void {
  const { res } = ctx
  const onerror = ctx.onerror.bind(ctx)
  ctx.onerror = (error: NodeJS.ErrnoException | null) => {
    if (error !== null && !leaving.includes(error.code ?? '')) onerror(error)
  }
  // Koa 2 would leave the connection of a tail that was cut off open for ever.
  tail.once('close', () => {
    if (!res.writableEnded) res.destroy()
  })
}
