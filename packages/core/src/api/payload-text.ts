/**
 * The payload as its text stands in the body. Publishing that text, and not what parsing and writing would make of it,
 * keeps every digit of a number, and any depth: `JSON.stringify` ends at a few thousand levels.
 */

/**
 * The text of the `payload` of a JSON object, without white space; `undefined` if it has none. Of several, the last one
 * counts, as for `JSON.parse`.
 * @param json an object that `JSON.parse` has accepted
 */
export function payloadText(json: string): string | undefined {
  let found: string | undefined
  // Behind the last value there is no quote left.
  for (let name = json.indexOf('"'); name >= 0;) {
    const nameEnd = endOfString(json, name)
    const start = json.indexOf(':', nameEnd) + 1
    const end = endOfValue(json, start)
    if (JSON.parse(json.slice(name, nameEnd)) === 'payload') found = compact(json.slice(start, end))
    name = json.indexOf('"', end)
  }
  return found
}

/** Where the value of a member ends: at the comma that follows, or at the end of the object. */
function endOfValue(json: string, start: number): number {
  let depth = 0
  for (let at = start; ; at++) {
    const character = json[at]
    if (character === '"') at = endOfString(json, at) - 1
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth < 0 || (depth === 0 && character === ',')) return at
  }
}

/** @param quote where the string begins @returns where it is over */
function endOfString(json: string, quote: number): number {
  for (let at = quote + 1; ; at++) {
    const character = json[at]
    if (character === '\\') at++
    else if (character === '"') return at + 1
  }
}

function compact(json: string): string {
  let text = ''
  let from = 0
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === '"') at = endOfString(json, at) - 1
    else if (character === ' ' || character === '\n' || character === '\r' || character === '\t') {
      text += json.slice(from, at)
      from = at + 1
    }
  }
  return text + json.slice(from)
}
