/**
 * What carries a strike of the bell to the other workers. Strikes may merge and may be lost. Listening never keeps the
 * event loop alive.
 */
export interface Wire {
  /** Makes every listener's callback run soon. Never throws: the slow poll covers what cannot be struck. */
  strike(): void
  /** Starts listening; striking works with and without it. */
  listen(): void
  mute(): void
  close(): void
}
