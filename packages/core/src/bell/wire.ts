/** What carries a strike of the bell to the other workers. Strikes may merge and may be lost. */
export interface Wire {
  /** Makes every listener's callback run soon. Never throws: the slow poll covers what cannot be struck. */
  strike(): void
  /** Starts listening; striking works with and without it. */
  listen(): void
  mute(): void
  /** Whether listening keeps the event loop alive. */
  setRef(isRef: boolean): void
  close(): void
}
