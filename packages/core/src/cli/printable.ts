/** Text from a zone or from a user, made harmless for a terminal. */

/** Control characters, and those that turn the direction of what follows: they could show what is not there. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
