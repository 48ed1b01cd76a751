/* Cells of a lane's own, and the cell that lanes share: how a series in a lane changes sides.
 *
 * The first lane makes up to two records of a series, into its own cell if it has one; without one, it makes one or
 * records into the shared cell, whose flag it takes; a flag that is taken makes it insist on a cell of its own. At any
 * time it may evict its own cell, and add the counts to the shared cell. The second lane makes up to two records into
 * the shared cell, or its own while that is taken. Each lane may pause for good between any two of these. A collector
 * reads the series twice, if a version tells that it has changed, and then may retire it. Records are told apart by
 * their place in a number of base 4, so that a sum names each record, and how often it holds it.
 *
 *     record_shared()            shared_cells::record
 *     make_own(), record_own()   lane::make_own, lane::record; an own cell is one word here: sequence_lock.pml shows
 *                                that it is read as if it were one
 *     evict()                    lane::evict, shared_cells::absorb, basic_cell::absorb, lane::deallocate_own
 *     collect()                  evictions_held, collector::collect
 *     retire()                   registry::retire, lane::retire
 *
 * Promised: each reading holds no record twice, the same ones in the bucket as in the sum, every record that ended
 * before the reading began, and all that were in the reading before; no cell is freed while it is read; a reading
 * that began after the lanes paused, and sees that, succeeds. The lanes never wait: no step of theirs has a condition.
 *
 * Every order below, and every step in #ifndef, can be taken away by a definition; tests/models/search.sh lists them.
 */

#define THREADS 3
#define FIRST 0
#define SECOND 1
#define COLLECTOR 2

#define VARIABLES 11
#define SEQUENCE 0   /* of the shared cell, as the next two */
#define BUCKET 1
#define SUM 2
#define TAKEN 3      /* shared_cell::writer */
#define SIDES 4      /* lane::evictions() of the first lane */
#define ENTRY 5      /* of the first lane's directory */
#define OWN 6        /* the first lane's own cell */
#define MEMORY 7     /* of the first lane's own cell: not atomic */
#define OWN_OF_SECOND 8
#define ENDED 9      /* how the application tells the collecting thread which records have ended */
#define ENDED_OF_SECOND 10

#ifndef EVICTIONS
#define EVICTIONS 1
#endif
#ifndef RECORDS_OF_SECOND
#define RECORDS_OF_SECOND 1
#endif
#define HISTORY (2 * EVICTIONS + 2 * RECORDS_OF_SECOND + 5)

#ifndef TAKEN_LOAD
#define TAKEN_LOAD ACQUIRE
#endif
#ifndef TAKEN_STORE
#define TAKEN_STORE RELEASE
#endif
#ifndef EVICTION_LOAD
#define EVICTION_LOAD ACQUIRE
#endif
#ifndef EVICTION_STORE
#define EVICTION_STORE RELEASE
#endif
#ifndef COLLECTION_LOAD
#define COLLECTION_LOAD ACQUIRE
#endif
#ifndef COLLECTION_STORE
#define COLLECTION_STORE RELEASE
#endif
#ifndef ENTRY_STORE
#define ENTRY_STORE RELEASE
#endif
#ifndef ENTRY_LOAD
#define ENTRY_LOAD ACQUIRE
#endif
#ifndef BUCKET_STORE
#define BUCKET_STORE RELEASE
#endif
#ifndef SUM_STORE
#define SUM_STORE RELEASE
#endif
#ifndef SEQUENCE_STORE
#define SEQUENCE_STORE RELEASE
#endif

#include "memory.pml"

#define DIGIT(number, place) (((number) >> (2 * (place))) & 3)
#define RECORDS_IN(number) (DIGIT(number, 0) + DIGIT(number, 1) + DIGIT(number, 2) + DIGIT(number, 3))
#define VERSION_OF(own) (2 * RECORDS_IN(own))
#define HOLDS(number, other) (((number) & (other)) == (other))
#define LAST_OF_SECOND (RECORDS_OF_SECOND == 1 -> 64 : 0)
#define HAS_NONE_TWICE(number) (((number) & 170) == 0) /* binary 10101010 */

byte lanes_that_paused;

inline write_shared(thread, records, version) {
  load(thread, SEQUENCE, sequence, RELAXED);
  load(thread, BUCKET, bucket, RELAXED);
  load(thread, SUM, sum, RELAXED);
#ifndef WITHOUT_ODD_SEQUENCE
  store(thread, SEQUENCE, sequence + 1, RELAXED);
#endif
  store(thread, BUCKET, bucket + (records), BUCKET_STORE);
  store(thread, SUM, sum + (records), SUM_STORE);
  store(thread, SEQUENCE, sequence + (version), SEQUENCE_STORE);
  d_step {
    sequence = 0;
    bucket = 0;
    sum = 0
  }
}

inline take_shared(thread) {
#ifdef WITHOUT_TAKEN_FLAG
  is_taken = false
#else
  take(thread, TAKEN, is_taken, TAKEN_LOAD)
#endif
}

/* Others find the flag taken for a while: its release begins another step. */
inline record_shared(thread) {
  atomic {
    take_shared(thread);
    if
    :: is_taken
    :: else -> write_shared(thread, record, 2)
    fi
  }
}

inline make_own() {
  claim(FIRST, MEMORY, 0);
  store(FIRST, OWN, 0, RELAXED);
  store(FIRST, ENTRY, true, ENTRY_STORE);
  has_own = true
}

inline record_own() {
  own = own + record;
  store(FIRST, OWN, own, RELEASE)
}

inline record_own_of_second() {
  own = own + record;
  store(SECOND, OWN_OF_SECOND, own, RELEASE)
}

/* What precedes the release of the shared cell needs nothing of other threads. */
inline evict() {
  atomic {
#ifdef VICTIM_BEFORE_SIDES
    load(FIRST, ENTRY, has_own, RELAXED);
#endif
#ifdef EVICT_WITHOUT_SIDES
    is_held = false;
#else
    take(FIRST, SIDES, is_held, EVICTION_LOAD);
#endif
    if
    :: is_held
    :: else ->
#ifndef VICTIM_BEFORE_SIDES
      load(FIRST, ENTRY, has_own, RELAXED);
#endif
#ifdef EVICT_WITHOUT_TAKING_SHARED
      is_taken = false;
#else
      take_shared(FIRST);
#endif
      assert(has_own == NEWEST(ENTRY)); /* what is evicted has not been freed */
      if
      :: has_own && !is_taken ->
#ifdef WITHOUT_VERSION_OF_EVICTED
        write_shared(FIRST, own, 2)
#else
        write_shared(FIRST, own, VERSION_OF(own))
#endif
      :: else
      fi
    fi
  }
  atomic {
    if
    :: is_held
    :: else ->
      if
      :: is_taken
      :: else -> store(FIRST, TAKEN, false, TAKEN_STORE)
      fi;
#ifdef ENTRY_RESET_AFTER_SIDES
      store(FIRST, SIDES, false, EVICTION_STORE);
#endif
      if
      :: has_own && !is_taken ->
#ifndef ENTRY_KEPT
        store(FIRST, ENTRY, false, RELEASE);
#endif
        claim(FIRST, MEMORY, 0);
        own = 0;
        has_own = false
      :: else
      fi;
#ifndef ENTRY_RESET_AFTER_SIDES
      store(FIRST, SIDES, false, EVICTION_STORE);
#endif
    fi;
    d_step {
      evictions++;
      is_taken = false;
      is_held = false
    }
  }
}

inline end_record(thread, ended) {
  made = made + record;
  store(thread, ended, made, RELEASE);
  d_step {
    record = 4 * record;
    is_taken = false
  }
}

proctype first_lane() {
  byte own, record = 1, made, evictions, sequence, bucket, sum;
  bool has_own, is_taken, is_held;

  do
  :: record <= 4 ->
    if
    :: atomic { has_own -> record_own(); end_record(FIRST, ENDED) }
    :: atomic { !has_own -> make_own(); record_own(); end_record(FIRST, ENDED) }
    :: !has_own -> record_shared(FIRST);
      atomic {
        if
        :: is_taken ->
          make_own();
          record_own()
        :: else -> store(FIRST, TAKEN, false, TAKEN_STORE)
        fi;
        end_record(FIRST, ENDED)
      }
    fi
  :: own != 0 && evictions < EVICTIONS -> evict()
  :: atomic { lanes_that_paused++; break }
  od
}

proctype second_lane() {
  byte own, record = 16, made, sequence, bucket, sum;
  bool is_taken;

  do
  :: atomic { record != LAST_OF_SECOND && own != 0 -> record_own_of_second(); end_record(SECOND, ENDED_OF_SECOND) }
  :: record != LAST_OF_SECOND && own == 0 -> record_shared(SECOND);
    atomic {
      if
      :: is_taken -> record_own_of_second()
      :: else -> store(SECOND, TAKEN, false, TAKEN_STORE)
      fi;
      end_record(SECOND, ENDED_OF_SECOND)
    }
  :: atomic { lanes_that_paused++; break }
  od
}

inline hold_sides() {
#ifdef COLLECT_WITHOUT_SIDES
  true
#else
  d_step {
    NEWEST(SIDES) == false;
    replace(COLLECTOR, SIDES, true, COLLECTION_LOAD, RELAXED)
  }
#endif
}

inline release_sides() {
#ifdef COLLECT_WITHOUT_SIDES
  true
#else
  store(COLLECTOR, SIDES, false, COLLECTION_STORE)
#endif
}

inline read_own_cells(number) {
  number = 0;
  load(COLLECTOR, ENTRY, has_own, ENTRY_LOAD);
  if
  :: has_own -> load(COLLECTOR, OWN, number, ACQUIRE)
  :: else
  fi;
  load(COLLECTOR, OWN_OF_SECOND, own, ACQUIRE);
  number = number + own
}

/* An attempt that fails leaves nothing behind but what it knows, and another one need not know less: one attempt
 * stands for all. */
inline read_shared_cell() {
  load(COLLECTOR, SEQUENCE, before, ACQUIRE);
  must_succeed = lanes_that_paused == 2 && KNOWS_NEWEST(COLLECTOR, SEQUENCE);
  load(COLLECTOR, SUM, sum, ACQUIRE);
  load(COLLECTOR, BUCKET, bucket, ACQUIRE);
#ifdef WITHOUT_SECOND_SEQUENCE_LOAD
  after = before;
#else
  load(COLLECTOR, SEQUENCE, after, RELAXED);
#endif
  if
#ifdef WITHOUT_CHECK_FOR_ODD
  :: before == after
#else
  :: before == after && before % 2 == 0
#endif
  :: else ->
    assert(!must_succeed);
    goto end_without_success
  fi;
  must_succeed = false
}

inline load_version() {
  read_own_cells(version);
  load(COLLECTOR, SEQUENCE, before, ACQUIRE);
  version = VERSION_OF(version) + before
}

inline collect() {
  atomic {
    load(COLLECTOR, ENDED, ended, ACQUIRE);
    load(COLLECTOR, ENDED_OF_SECOND, own, ACQUIRE);
    ended = ended + own;
    hold_sides()
  }
  atomic {
    load_version();
    if
    :: version == earlier_version
    :: else ->
      earlier_version = version;
      read_own_cells(number);
      read_shared_cell();
      d_step {
        assert(sum == bucket);
        number = number + sum;
        assert(HAS_NONE_TWICE(number));
        assert(HOLDS(number, earlier));
        earlier = number
      }
    fi;
    assert(HOLDS(earlier, ended));
    if
    :: has_own -> claim(COLLECTOR, MEMORY, 0)
    :: else
    fi;
    release_sides();
    d_step {
      version = 0;
      number = 0;
      own = 0;
      has_own = 0;
      before = 0;
      after = 0;
      sum = 0;
      bucket = 0;
      collections++
    }
  }
}

/* After all records have ended, as the application tells by releasing its bindings. */
inline retire() {
  atomic {
#ifndef RETIRE_WITHOUT_SIDES
    hold_sides();
#endif
    load(COLLECTOR, ENTRY, has_own, ACQUIRE);
    if
    :: has_own ->
      store(COLLECTOR, ENTRY, false, RELEASE);
      claim(COLLECTOR, MEMORY, 0)
    :: else
    fi;
#ifndef RETIRE_WITHOUT_SIDES
    release_sides()
#endif
  }
}

proctype collector() {
  byte collections, ended, version, earlier_version = 255, number, earlier, own, before, after, sum, bucket;
  bool has_own, must_succeed;

  do
  :: collections < 2 ->
    collect()
  :: else -> break
  od;
  if
  :: HOLDS(ended, 5) -> retire()
  :: else
  fi;
end_without_success:
  true
}

init {
  atomic {
    run first_lane();
    run second_lane();
    run collector()
  }
}
