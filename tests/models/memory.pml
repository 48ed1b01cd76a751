/* Atomic variables as the C++ memory model promises them, for the models of this folder to include.
 *
 * A variable is the list of all stores ever made to it, the oldest first. A thread has, for each variable, the
 * newest store that it knows of; a load returns that store or any newer one, whatever the order of time. So a
 * store may arrive late, stores may arrive in any order, and a load may be taken early. What one store of
 * another thread proves is said by the orders alone: a release store carries all that its thread knew, and an
 * acquire load learns what the store that it returns carries. Whatever x86 or ARM does is among what this machine
 * does; it only never lets a load return a store that is yet to be made.
 *
 * A load may miss any store, so it makes no difference if a store is made earlier than it could be: in the models
 * a thread goes on, in one atomic step, until it needs a store of another thread.
 *
 * Memory that is not atomic, such as that of a cell that is freed, is claimed: a thread that claims it must
 * know of all claims before its own, or the two are a data race.
 *
 * The including model defines THREADS, VARIABLES, and HISTORY, the most stores to one variable.
 */

#define RELAXED 0
#define ACQUIRE 1
#define RELEASE 2

byte newest[VARIABLES];                       /* index of the newest store */
byte stored[VARIABLES * HISTORY];             /* value of each store */
byte carried[VARIABLES * HISTORY * VARIABLES];/* what each store carries: an index for each variable */
byte known[THREADS * VARIABLES];              /* what each thread knows: an index for each variable */
hidden byte each;

#define KNOWN(thread, variable) known[(thread) * VARIABLES + (variable)]
#define STORED(variable, store) stored[(variable) * HISTORY + (store)]
#define CARRIED(variable, store, other) carried[((variable) * HISTORY + (store)) * VARIABLES + (other)]
#define NEWEST(variable) STORED(variable, newest[variable])
#define KNOWS_NEWEST(thread, variable) (KNOWN(thread, variable) == newest[variable])

inline learn(thread, variable) {
  for (each : 0 .. VARIABLES - 1) {
    if
    :: CARRIED(variable, KNOWN(thread, variable), each) > KNOWN(thread, each) ->
      KNOWN(thread, each) = CARRIED(variable, KNOWN(thread, variable), each)
    :: else
    fi
  }
}

/* Within d_step, as `append` and `replace` are. A d_step must not end with a choice or a loop: `each` goes back to 0. */
inline carry(thread, variable, order) {
  if
  :: order == RELEASE ->
    for (each : 0 .. VARIABLES - 1) { CARRIED(variable, newest[variable], each) = KNOWN(thread, each) }
  :: else
  fi;
  each = 0
}

inline append(thread, variable, value) {
  assert(newest[variable] < HISTORY - 1);
  newest[variable]++;
  NEWEST(variable) = value;
  KNOWN(thread, variable) = newest[variable]
}

inline store(thread, variable, value, order) {
  d_step {
    append(thread, variable, value);
    carry(thread, variable, order)
  }
}

inline load(thread, variable, result, order) {
  atomic {
    do
    :: KNOWN(thread, variable) < newest[variable] -> KNOWN(thread, variable)++
    :: break
    od;
    true;
    d_step {
      if
      :: order == ACQUIRE -> learn(thread, variable)
      :: else
      fi;
      result = STORED(variable, KNOWN(thread, variable))
    }
  }
}

/* Loads until the newest store is `value`. */
inline await(thread, variable, value, order) {
  d_step {
    NEWEST(variable) == (value) ->
    KNOWN(thread, variable) = newest[variable];
    if
    :: order == ACQUIRE -> learn(thread, variable)
    :: else
    fi;
    each = 0
  }
}

/* A load and a store in one, of the newest store: the new one carries on what that one carries. */
inline replace(thread, variable, value, load_order, store_order) {
  KNOWN(thread, variable) = newest[variable];
  if
  :: load_order == ACQUIRE -> learn(thread, variable)
  :: else
  fi;
  append(thread, variable, value);
  for (each : 0 .. VARIABLES - 1) {
    CARRIED(variable, newest[variable], each) = CARRIED(variable, newest[variable] - 1, each)
  }
  carry(thread, variable, store_order)
}

/* atomic::exchange(true): `was` is the value before. */
inline take(thread, flag, was, order) {
  d_step {
    was = NEWEST(flag);
    replace(thread, flag, true, order, RELAXED)
  }
}

inline compare_exchange(thread, variable, expected, desired, succeeded, load_order, store_order) {
  d_step {
    succeeded = (NEWEST(variable) == (expected));
    if
    :: succeeded -> replace(thread, variable, desired, load_order, store_order)
    :: else
    fi;
    each = 0
  }
}

inline claim(thread, variable, value) {
  d_step {
    assert(KNOWS_NEWEST(thread, variable)); /* or this is a data race */
    append(thread, variable, value)
  }
}
