/** Kinds of records that a witness writes down; each is a kind, a generation, two numbers more, and the time. */
export const Kind = {
  /** It reads from now on. */
  BEGAN: 0,
  /** It received an event that is whole: publisher, counter. */
  RECEIVED: 1,
  /** It was told of a loss from this generation on: last generation, count. */
  MISSED: 2,
  /** Its publish returned: publisher, counter. */
  PUBLISHED: 3,
  /** It received an event that is not whole. */
  TORN: 4,
  /** An event could not be decoded, or a handler failed. */
  FAILED: 5,
}

/** Numbers in a record. */
export const RECORD = 5
