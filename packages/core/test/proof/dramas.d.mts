/** What is dealt to a victim. */
export type Blow = 'kill' | 'stop' | 'break' | 'terminate'

/** One blow, dealt at every point in turn. */
export class Drama {
  constructor(options: { build: string; blow: Blow; seed: number; inMemory?: boolean })
  open(): Promise<void>
  /** Deals the blow at a point; what that violated, in words. */
  round(point: string): Promise<string[]>
  close(): Promise<void>
}
