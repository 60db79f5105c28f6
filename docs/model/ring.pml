/*
 * The ring as a Promela model, step for step as packages/core/src/ring, bell.ts and claims.ts do it. Spin explores every
 * interleaving of these steps, so a writer that is stopped for any time between any two of them is covered, and a writer
 * may be killed before any of its steps.
 *
 *     node docs/model/run.js            the short configurations, and every seeded bug
 *     node docs/model/run.js --long     the larger configurations too (minutes, gigabytes)
 *
 * NW writers of EV events each, spans up to K entries, NR readers, C slots, TRY attempts, CRASH kills. -DNOBELL replaces
 * the bell by an ideal wake-up, which leaves far fewer states.
 *
 * One atomic step stands for a loop of load and CAS on one state word: the word only moves forward, so a round of the loop
 * that fails has changed nothing. A kill is a writer that never takes its next step.
 *
 * Not here: memory that is weaker than sequentially consistent; laps modulo 2^20; worker places that change hands; the key
 * table; claimants that die; the slow poll (left out so that a lost wake-up shows as rest with work undone).
 *
 * Seeded bugs, each of which must be found: see MUTANTS in run.js; the same names are switches of the fault build.
 */
#ifndef NW
#define NW 2
#endif
#ifndef NR
#define NR 2
#endif
#ifndef EV
#define EV 1
#endif
#ifndef K
#define K 2
#endif
#ifndef C
#define C 2
#endif
#ifndef CRASH
#define CRASH 1
#endif
#ifndef TRY
#define TRY 2
#endif
#define NEV (NW*EV+1)

/* state word: lap*16 + owner*4 + phase */
#define VOID 0
#define BUSY 1
#define COMM 2
#define STALE 3
#define NOBODY 3
#define MK(l,o,p) ((l)*16+(o)*4+(p))
#define LAP(w) ((w)/16)
#define OWN(w) (((w)/4)%4)
#define PH(w)  ((w)%4)
#define HELD(w) (PH(w)==BUSY || PH(w)==STALE)
#define MAXG 32

#ifdef BUG_TAKEOVER
#define FREEMEM(w) true
#else
#define FREEMEM(w) (!HELD(w) || dead[OWN(w)])
#endif

byte head = C;              /* generations start at C, so that lap(g)=g/C starts at 1   */
byte st[C];                 /* state words                                               */
byte claim[C];              /* lap*4 + (0 = unclaimed | reader+1)                        */
byte p0[C];                 /* plain payload word 0: ev*4+k in the first slot of a record */
#if K==1
byte p1[C];                 /* plain payload word 1                                      */
#endif
byte sleepSeq, rungSeq;     /* wake-up tickets                                           */
bool bell[NR];              /* inotify: level, coalesced, one per watcher                */
bool dead[4];               /* killed; = PROOF of death (kernel lock released)           */
byte ncrash;

/* ghosts */
byte evAt[MAXG];            /* event committed at generation g                           */
bool skipped[MAXG];         /* some reader passed g as 'no event here'                   */
byte gOf[NEV];              /* generation of a committed event, else 0                  */
byte cur[NR];
byte got[NR*NEV];           /* 1 = delivered and the claim was decided; 2 = claim lapped */
byte exec[NEV];

#ifdef BUG_CLAIM
#define CLAIM0(g) 0
#else
#define CLAIM0(g) (((g)/C)*4)
#endif
#define ALIVE !dead[me]

inline ring() {
#ifdef NOBELL
	skip
#else
#ifdef BUG_EXCHANGE
	d_step { ALIVE -> s = sleepSeq; sleepSeq = 0 };          /* flag cleared first ...      */
	if :: s != 0 -> d_step { ALIVE -> for (r : 0 .. NR-1) { bell[r] = 1 }; r = 0; s = 0 }  /* ... then the bell */
	   :: else fi
#else
	d_step { ALIVE -> s = sleepSeq };
	d_step { ALIVE -> r = rungSeq };
	if
	:: s > r -> d_step { ALIVE -> for (i : 0 .. NR-1) { bell[i] = 1 }; i = 0 };
	            d_step { ALIVE -> if :: rungSeq == r -> rungSeq = s :: else fi; s = 0; r = 0 }
	:: else -> s = 0; r = 0
	fi
#endif
#endif
}

/* give back the memory of a slot that I hold, at whatever lap it stands now */
#define RELEASE(q) if :: HELD(st[q]) && OWN(st[q]) == me -> st[q] = MK(LAP(st[q]),NOBODY,VOID) :: else fi

/* decide 'generation x holds no event' for a generation nobody has labelled.
 * (a holder that died just after we looked may still be left STALE: others free it) */
#define VOIDGEN(x) if \
	:: LAP(st[(x)%C]) >= (x)/C -> skip \
	:: LAP(st[(x)%C]) < (x)/C && FREEMEM(st[(x)%C])  -> st[(x)%C] = MK((x)/C,NOBODY,VOID) \
	:: LAP(st[(x)%C]) < (x)/C && !FREEMEM(st[(x)%C]) -> st[(x)%C] = MK((x)/C,OWN(st[(x)%C]),STALE) \
	fi

proctype W(byte me) {
	byte g, k, i, s, r, ev, tr, n; bit ok;
	do
	:: n < EV ->
		atomic {
			ev = me*EV + n + 1; n++; tr = 0;
			if :: k = 1
#if K==2
			   :: k = 2
#endif
			fi
		};
again:
		if :: tr == TRY -> goto failed :: else -> tr++ fi;
		d_step { ALIVE -> g = head; head = head + k; i = 0; assert(head < MAXG) };  /* 1. reserve: Atomics.add */
label:		atomic {                                               /* 2. label each slot by CAS  */
			ALIVE ->
			if
			:: LAP(st[(g+i)%C]) >= (g+i)/C -> ok = 0        /* voided by a reader, or lapped */
			:: LAP(st[(g+i)%C]) < (g+i)/C && FREEMEM(st[(g+i)%C]) ->
				st[(g+i)%C] = MK((g+i)/C,me,BUSY); ok = 1
			:: LAP(st[(g+i)%C]) < (g+i)/C && !FREEMEM(st[(g+i)%C]) ->   /* held by a live stalled writer */
				st[(g+i)%C] = MK((g+i)/C,OWN(st[(g+i)%C]),STALE); ok = 0
			fi
		};
		if
		:: ok && i+1 < k -> i++; goto label
		:: ok && i+1 >= k -> i = 0; ok = 0
		:: !ok -> goto abandon
		fi;
#if K==1
		d_step { ALIVE -> p0[g%C] = ev*4+1 };                  /* 3. payload, plain stores   */
		d_step { ALIVE -> p1[g%C] = ev; claim[g%C] = CLAIM0(g) };
#else
		if :: k == 2 -> d_step { ALIVE -> p0[(g+1)%C] = ev*4+k } :: else fi;
		d_step { ALIVE -> p0[g%C] = ev*4+k; claim[g%C] = CLAIM0(g) };
#endif
		d_step {                 /* 4. commit: ONE CAS on the first slot is the linearisation point */
			ALIVE ->
#ifdef BUG_STORE
			st[g%C] = MK(g/C,NOBODY,COMM); ok = 1; evAt[g] = ev; gOf[ev] = g; assert(!skipped[g])
#else
			if
			:: st[g%C] == MK(g/C,me,BUSY) -> st[g%C] = MK(g/C,NOBODY,COMM); ok = 1;
				assert(evAt[g] == 0); assert(!skipped[g]); assert(gOf[ev] == 0);
				evAt[g] = ev; gOf[ev] = g
			:: else -> ok = 0
			fi
#endif
		};
		if
		:: ok -> ok = 0;
			if :: k == 2 -> d_step { ALIVE -> RELEASE((g+1)%C) } :: else fi;  /* 5. continuation memory back */
			ring()                                             /* 6. wake the sleepers         */
		:: else ->                                                 /* judged too slow: free, retry */
			d_step { ALIVE -> RELEASE(g%C) };
			if :: k == 2 -> d_step { ALIVE -> RELEASE((g+1)%C) } :: else fi;
			goto again
		fi;
		goto next;
abandon:        /* slot i is decided by somebody; slots < i are mine; slots > i are not labelled */
		if
		:: i == 1 -> d_step { ALIVE -> RELEASE(g%C) }
		:: i == 0 && k == 2 -> d_step { ALIVE -> VOIDGEN(g+1) }
		:: else
		fi;
		goto again;
failed:         ring();
next:		atomic { g=0; k=0; i=0; ev=0; tr=0; ok=0 }
	:: else -> break
	od
}

inline lapped() { d_step {
	if :: head - C > c + 1 -> c = head - C :: else -> c = c + 1 fi;     /* oldest retained: Delivery.#skip */
	cur[me] = c; w=0; a=0; b=0; k=0 } }

proctype R(byte me) {
	byte c = C, w, a, b, k;
loop:
	w = st[c%C];
	if
	:: LAP(w) > c/C -> lapped(); goto loop
	:: LAP(w) == c/C && PH(w) == COMM ->
		d_step { a = p0[c%C]; k = a%4; a = a/4 };
#if K==1
		b = p1[c%C];
#else
		if :: k == 2 -> d_step { b = p0[(c+1)%C]/4 } :: else -> b = a fi;
#endif
#ifndef BUG_NORECHECK
#ifndef BUG_FIRSTONLY
		if :: k == 2 ->
			if :: LAP(st[(c+1)%C]) != (c+1)/C -> lapped(); goto loop :: else fi
		   :: else fi;
#endif
		if :: st[c%C] != w -> lapped(); goto loop :: else fi;
#endif
		d_step {                                        /* deliver */
			assert(a == b);                         /* not torn */
			assert(a != 0 && evAt[c] == a);         /* the same event at g for every reader */
			assert(got[me*NEV+a] == 0);             /* never twice */
			assert(!skipped[c]);
			got[me*NEV+a] = 2; b = 0; w = 0
		};
		d_step {                        /* unique: one worker wins the claim word of this lap */
#ifdef BUG_CLAIM
			if :: claim[c%C] == 0 -> claim[c%C] = me+1; exec[a]++ :: else fi;
			got[me*NEV+a] = 1;
#else
			if
			:: claim[c%C] == (c/C)*4 -> claim[c%C] = (c/C)*4 + me + 1; exec[a]++; got[me*NEV+a] = 1
			:: claim[c%C]/4 == c/C && claim[c%C]%4 != 0 -> got[me*NEV+a] = 1
			:: else -> skip                         /* lapped before the claim: counted as missed */
			fi;
#endif
			assert(exec[a] <= 1);
			c = c + k; cur[me] = c; a = 0; k = 0
		};
		goto loop
	:: LAP(w) == c/C && (PH(w) == VOID || PH(w) == STALE) ->
		d_step { assert(evAt[c] == 0); skipped[c] = 1; c++; cur[me] = c; w = 0 }; goto loop
	:: LAP(w) < c/C || (LAP(w) == c/C && PH(w) == BUSY) -> w = 0       /* not labelled, or being written */
	fi;
	/* nothing to deliver at c */
	if
	:: head > c -> goto pending
	:: head <= c ->
#ifdef NOBELL
end:		(head > c) -> goto loop                                  /* ideal wake-up            */
	fi;
#else
#ifdef BUG_BELLORDER
		w = st[c%C];
		if :: LAP(w) >= c/C -> w = 0; goto loop :: else -> w = 0 fi;
		if :: head > c -> goto pending :: else fi;
		sleepSeq++;
#else
#ifdef BUG_EXCHANGE
		sleepSeq = 1;
#else
		sleepSeq++;                                      /* announce: Atomics.add    */
#endif
		w = st[c%C];                                     /* re-check the COMMIT word */
		if :: LAP(w) >= c/C -> w = 0; goto loop :: else -> w = 0 fi;
		if :: head > c -> goto pending :: else fi;
#endif
end:		atomic { bell[me] -> bell[me] = 0 }; goto loop           /* bell only, no timer      */
	fi;
#endif
pending:        /* a generation is reserved but not decided: here the reader also has a timer, so it
	           may look again at any time; when the wait has run out it decides, for everybody  */
	if
	:: LAP(st[c%C]) > c/C || (LAP(st[c%C]) == c/C && PH(st[c%C]) != BUSY) -> goto loop
	:: d_step {
#ifdef BUG_LOCALSKIP
		LAP(st[c%C]) == c/C && PH(st[c%C]) == BUSY ->
			assert(evAt[c] == 0); skipped[c] = 1; c++; cur[me] = c
	   }
	:: d_step {
		LAP(st[c%C]) < c/C -> VOIDGEN(c)
#else
		LAP(st[c%C]) < c/C || (LAP(st[c%C]) == c/C && PH(st[c%C]) == BUSY) ->
		if
		:: LAP(st[c%C]) == c/C && dead[OWN(st[c%C])] ->
			st[c%C] = MK(c/C,NOBODY,VOID)               /* proof of death: memory back too */
		:: LAP(st[c%C]) == c/C && !dead[OWN(st[c%C])] ->
			st[c%C] = MK(c/C,OWN(st[c%C]),STALE)        /* judge the event, not the memory */
		:: LAP(st[c%C]) < c/C -> VOIDGEN(c)
		fi
#endif
	   };
	   goto loop
	fi
}

active proctype Killer() {      /* kill -9 at any step; writers are symmetric, so the victims are 0, 1, ... */
	do
	:: d_step { ncrash < CRASH -> dead[ncrash] = 1; ncrash++ }
	:: ncrash >= CRASH -> break
	od
}

active proctype Monitor() {
	byte x, y;
	timeout ->                  /* quiescent: nobody can move any more */
	d_step {
	  for (x : 1 .. NEV-1) {
	    if :: gOf[x] != 0 && !dead[(x-1)/EV] ->        /* committed, and its writer did not die */
	        for (y : 0 .. NR-1) {
	          assert(cur[y] > gOf[x]);                          /* no lost wake-up, no hole        */
	          assert(got[y*NEV+x] != 1 || exec[x] == 1)         /* unique: somebody has claimed it */
	        }
	       :: else fi
	  }
	}
}

init {
	byte j;
	d_step { for (j : 0 .. C-1) { st[j] = MK(0,NOBODY,VOID) }; j = 0 };
	atomic {
		for (j : 0 .. NR-1) { cur[j] = C; run R(j) };
		for (j : 0 .. NW-1) { run W(j) }; j = 0
	}
}
