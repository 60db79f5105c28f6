// What a process says of itself.

/** The clock that all processes of the machine share. */
export function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

export function log(text: string): void {
  console.log(`  pid ${process.pid}  ${text}`)
}
