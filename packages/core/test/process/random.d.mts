/** A repeatable source of numbers from 0 to 1. */
export function randomFrom(seed: number): () => number
