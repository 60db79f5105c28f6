/** Kinds of records that a witness writes down. */
export const Kind: Readonly<Record<'BEGAN' | 'RECEIVED' | 'MISSED' | 'PUBLISHED' | 'TORN' | 'FAILED', number>>

/** Numbers in a record. */
export const RECORD: number
