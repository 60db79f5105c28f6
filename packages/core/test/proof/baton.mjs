/**
 * The baton: of all players of a simulation, one runs at a time, and at each fault point the one who runs decides, by the
 * plan alone, who runs next. The same plan gives the same run.
 *
 * Who has the highest priority runs, until it sleeps or a turn of the plan comes: the n-th step of the whole run, at which
 * the runner falls to the lowest priority, dies, or has the clock jump.
 */
const PLAYER_WORDS = 8
const Word = { status: 0, priority: 1, isDead: 2, order: 3, heard: 4, cursor: 5 }
const Shared = { runner: 0, step: 1, lowest: 2, microseconds: 3, turn: 4, random: 5, walk: 6 }
const PLAYERS_AT = 16
export const MOST_PLAYERS = 8
const HOLDERS_AT = PLAYERS_AT + (MOST_PLAYERS + 1) * PLAYER_WORDS
const TURNS_AT = HOLDERS_AT + 64
const MOST_TURNS = 64

export const Status = { ABSENT: 0, RUNNABLE: 1, ASLEEP: 2 }
export const Order = { PLAY: 0, TICK: 1, END: 2 }
/** `DOOM` is held back, and dies when it comes back. */
export const Turn = { DEMOTE: 0, KILL: 1, JUMP: 2, DOOM: 3 }

/** The number of the one who is no player: it starts runs, and runs when nobody else can. */
export const UMPIRE = MOST_PLAYERS
export const CONTROL_BYTES = 4 * (TURNS_AT + 2 * MOST_TURNS)
/** Milliseconds of a jump of the clock: longer than every wait. */
const JUMP = 150_000
const MOST_STEPS = 30_000

/** How long the umpire waits for a step, in milliseconds: players only compute. */
const PATIENCE = 5000

/** A player never came to its next step. */
export class Stuck extends Error {}

/** Control words, as one participant uses them. */
export class Baton {
  #words
  #self
  /** Tells of a player that sleeps whether it was struck. */
  isStruck = () => false

  constructor(control, self) {
    this.#words = new Int32Array(control)
    this.#self = self
  }

  /** Sets everything up for a run. */
  reset({ priorities, turns, seed, walk }) {
    // Not the runner: a player that has just passed the baton on may look at it only now.
    this.#words.fill(0, Shared.runner + 1)
    this.#words[Shared.lowest] = -2
    this.#words[Shared.microseconds] = 1_000_000
    this.#words[Shared.random] = seed
    this.#words[Shared.walk] = walk
    priorities.forEach((priority, player) => this.#set(player, Word.priority, priority))
    const inOrder = turns.slice(0, MOST_TURNS - 1).sort((a, b) => a.step - b.step)
    inOrder.forEach(({ step, kind }, index) => this.#words.set([step, kind], TURNS_AT + 2 * index))
    this.#words.set([2 ** 30, 0], TURNS_AT + 2 * inOrder.length)
  }

  /** Milliseconds of the clock that all players share. */
  get now() {
    return this.#words[Shared.microseconds] / 1000
  }

  advance(microseconds) {
    this.#words[Shared.microseconds] += microseconds
  }

  get steps() {
    return this.#words[Shared.step]
  }

  get isEndless() {
    return this.#words[Shared.step] > MOST_STEPS
  }

  isDead(player) {
    return this.#get(player, Word.isDead) === 1
  }

  orderOf(player) {
    return this.#get(player, Word.order)
  }

  give(player, order) {
    this.#set(player, Word.order, order)
  }

  setStatus(player, status) {
    this.#set(player, Word.status, status)
  }

  /** The player has nothing to do, and the generation that it would read next is this. */
  sleep(player, cursor) {
    this.setStatus(player, Status.ASLEEP)
    this.#set(player, Word.cursor, cursor)
  }

  cursorOf(player) {
    return this.#get(player, Word.cursor)
  }

  statusOf(player) {
    return this.#get(player, Word.status)
  }

  /** Who holds a worker place: a player, or -1. */
  holderOf(place) {
    return this.#words[HOLDERS_AT + place] - 1
  }

  hold(place, player) {
    this.#words[HOLDERS_AT + place] = player + 1
  }

  /** A step of the runner: from here on it runs, stands or is dead, as the plan says. */
  step() {
    const step = ++this.#words[Shared.step]
    this.#words[Shared.microseconds] += 10
    this.#takeTurn(step)
    this.pass()
  }

  /** A step at which the plan has something befall this very player. */
  befall(kind) {
    this.#befall(kind === Turn.DOOM ? Turn.DEMOTE : kind)
    this.step()
    if (kind !== Turn.DOOM || this.orderOf(this.#self) === Order.END) return
    this.#befall(Turn.KILL)
    this.step()
  }

  #takeTurn(step) {
    const at = TURNS_AT + 2 * this.#words[Shared.turn]
    if (this.#words[at] > step) {
      const walk = this.#words[Shared.walk]
      if (walk > 0 && this.#random() % walk === 0) this.#set(this.#self, Word.priority, this.#fall())
      return
    }
    this.#words[Shared.turn]++
    this.#befall(this.#words[at + 1])
  }

  #befall(kind) {
    if (kind === Turn.DEMOTE) this.#set(this.#self, Word.priority, this.#fall())
    else if (kind === Turn.KILL) this.#set(this.#self, Word.isDead, 1)
    else this.advance(JUMP)
  }

  /** A priority below all others; odd ones lie between, for plans that are written by hand. */
  #fall() {
    this.#words[Shared.lowest] -= 2
    return this.#words[Shared.lowest] + 2
  }

  #random() {
    const mixed = Math.imul(this.#words[Shared.random] ^ (this.#words[Shared.random] >>> 15), 0x2c1b3c6d) + 0x6d2b79f5
    this.#words[Shared.random] = mixed
    return (mixed ^ (mixed >>> 13)) >>> 0
  }

  /** Gives the baton to whom it is due, and waits until it comes back. */
  pass() {
    const next = this.isEndless ? UMPIRE : this.#next()
    if (next !== this.#self) this.passTo(next)
  }

  passTo(next) {
    Atomics.store(this.#words, Shared.runner, next)
    Atomics.notify(this.#words, Shared.runner)
    this.await()
  }

  await() {
    let steps = -1
    for (;;) {
      const runner = Atomics.load(this.#words, Shared.runner)
      if (runner === this.#self) return
      const patience = this.#self === UMPIRE ? PATIENCE : Infinity
      const came = Atomics.wait(this.#words, Shared.runner, runner, patience)
      if (came === 'timed-out' && this.steps === steps) throw new Stuck(`player ${runner} never ends its step ${steps}`)
      if (came === 'timed-out') steps = this.steps
    }
  }

  #next() {
    let next = UMPIRE
    for (let player = 0; player < MOST_PLAYERS; player++) {
      if (this.#get(player, Word.isDead) === 1 || !this.#canRun(player)) continue
      if (next === UMPIRE || this.#get(player, Word.priority) > this.#get(next, Word.priority)) next = player
    }
    return next
  }

  #canRun(player) {
    const status = this.#get(player, Word.status)
    return status === Status.RUNNABLE || (status === Status.ASLEEP && this.isStruck(player))
  }

  /** What a sleeper last heard of the bell. */
  heardBy(player) {
    return this.#get(player, Word.heard)
  }

  hear(player, strikes) {
    this.#set(player, Word.heard, strikes)
  }

  #get(player, word) {
    return this.#words[PLAYERS_AT + player * PLAYER_WORDS + word]
  }

  #set(player, word, value) {
    this.#words[PLAYERS_AT + player * PLAYER_WORDS + word] = value
  }
}
