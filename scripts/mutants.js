// The seeded bugs that the proof must catch, as edits of the built core. The first eight are those of docs/model/ring.pml.

const commit = 'committed = Atomics.compareExchange(this.#zone.states, slot, busy, done) === busy;'
const fill = 'const timestamp = this.#fill(generation, slot, span, names, body, key);'

/** By name: what is wrong, and the edits that make it so. Each `find` must occur exactly once in its file. */
export const mutants = {
  TAKEOVER: {
    bug: 'the memory of a live, stalled holder is reused',
    edits: [
      {
        file: 'ring/writer.js',
        find: 'if (isHeld(word) && !this.#slots.isDead(ownerIn(word))) {',
        replace: 'if (false) {',
      },
    ],
  },
  NORECHECK: {
    bug: 'a reader does not check the states again after its copy',
    edits: [{ file: 'ring/reader.js', find: 'if (!this.#isUnchanged(word, span))', replace: 'if (false)' }],
  },
  FIRSTONLY: {
    bug: 'of a span, a reader checks the first state only',
    edits: [
      {
        file: 'ring/reader.js',
        find: 'for (let index = 1; index < span; index++) {',
        replace: 'for (let index = 1; index < 1; index++) {',
      },
    ],
  },
  STORE: {
    bug: 'commit by a store instead of a CAS',
    edits: [
      {
        file: 'ring/writer.js',
        find: commit,
        replace: 'committed = Atomics.store(this.#zone.states, slot, done) === done;',
      },
    ],
  },
  LOCALSKIP: {
    bug: 'a reader whose wait is over skips by itself, without deciding for everybody',
    edits: [
      {
        file: 'delivery.js',
        find: 'slots.judge(reader.cursor, waited >= this.#waitMax());',
        replace: 'if (waited >= this.#waitMax()) { reader.seek(reader.cursor + 1); return true; } else return false;',
      },
    ],
  },
  BELLORDER: {
    bug: 'a sleeper looks first and announces itself afterwards',
    edits: [
      { file: 'pace.js', find: '            bell.announce();\n', replace: '            void bell;\n' },
      {
        file: 'pace.js',
        find: '    /** Announces, then looks once more:',
        replace: `    #late() {
        // fault: pace.looked
        for (const { bell } of this.#delivery.sources) bell.announce();
    }
    /** Announces, then looks once more:`,
      },
      { file: 'pace.js', find: 'this.#sleep();', replace: '{ this.#sleep(); this.#late(); }' },
    ],
  },
  EXCHANGE: {
    bug: 'a ringer records that it rang before it rings',
    edits: [
      {
        file: 'bell/bell.js',
        find: 'const sleepers = (tickets - rung) | 0;',
        replace:
          'const sleepers = (tickets - rung) | 0;\n        if (sleepers > 0) Atomics.compareExchange(this.#words, RUNG, rung, tickets);\n        // fault: bell.recorded',
      },
    ],
  },
  CLAIM: {
    bug: 'the claim word of a unique event carries no lap',
    edits: [
      { file: 'layout.js', find: 'return (lap << 12) | claimant;', replace: 'return claimant;' },
      {
        file: 'unique/claims.js',
        find: 'if (lapIn(word) !== lap || this.#slots.isLapped(generation))',
        replace: 'if (false)',
      },
    ],
  },
  EARLYCOMMIT: {
    bug: 'an event is committed before it is written',
    edits: [
      {
        file: 'ring/writer.js',
        find: fill,
        replace: `const mine = stateWord(lap, this.#slots.worker, Phase.BUSY);
            committed = Atomics.compareExchange(this.#zone.states, slot, mine, stateWord(lap, NOBODY, Phase.COMMITTED)) === mine;
            // fault: write.early
            ${fill}`,
      },
      { file: 'ring/writer.js', find: commit, replace: 'void busy, void done;' },
    ],
  },
  KEEPLABELS: {
    bug: 'a publisher that gives a span up keeps the slots that it had labelled',
    edits: [
      {
        file: 'ring/writer.js',
        find: 'for (let index = 0; index < labelled; index++)',
        replace: 'for (let index = 0; index < 0; index++)',
      },
    ],
  },
  GAPLOST: {
    bug: 'a reader that was lapped does not tell what it lost',
    edits: [
      { file: 'delivery.js', find: 'this.#onMissed({ from, to: from + count - 1, count });', replace: 'void from;' },
    ],
  },
  DEADCACHED: {
    bug: 'that the holder of a place is dead is remembered',
    edits: [
      {
        file: 'ring/slots.js',
        find: 'if (this.#region.isDead(owner))',
        replace:
          'this.graves ??= new Set();\n        if (this.graves.has(owner) || (this.#region.isDead(owner) && this.graves.add(owner)))',
      },
    ],
  },
  NOSWEEP: {
    bug: 'who takes the place of a dead worker does not free what that one held',
    edits: [{ file: 'registry.js', find: '            bury(zone, worker);', replace: '            void bury;' }],
  },
  LATECURSOR: {
    bug: 'a worker that joins does not look for the head again once its place counts',
    edits: [
      {
        file: 'registry.js',
        find: '// fault: join.joining\n        membership.storeCursor(zone.head());',
        replace: '// fault: join.joining',
      },
    ],
  },
  NORESCAN: {
    bug: 'a publisher of a key does not look for the same key in other cells once its draft is visible',
    edits: [
      {
        file: 'unique/keys.js',
        find: 'const verdict = this.#resolve(draft, tag, first);',
        replace: "const verdict = 'mine';",
      },
    ],
  },
  NORECLAIM: {
    bug: 'an event whose claimant died is not looked at again',
    edits: [{ file: 'delivery.js', find: "if (claim === 'held')", replace: 'if (false)' }],
  },
  MAPLOCK: {
    bug: 'a zone is mapped through the very descriptor that carries the proof of life, which a mapping keeps open',
    edits: [
      {
        file: 'region/mapping.js',
        find: 'const own = fs.openSync(`/proc/self/fd/${fd}`, writable ? O_RDWR : O_RDONLY);',
        replace: 'const own = fd;',
      },
      { file: 'region/mapping.js', find: 'fs.closeSync(own);', replace: 'void own;' },
    ],
  },
}
