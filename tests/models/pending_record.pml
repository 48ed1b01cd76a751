/* The pending record of a lane: the duration of a timed call that has ended stays in one word of the lane until the
 * next call ends, and moves into its cell while the sequence of that cell is odd.
 *
 * One thread ends up to CALLS calls, each of the series that is read here or of another one, and may pause for good
 * after any of them, or end, which writes the pending record out. A collector reads the series twice. The n-th call
 * of the series has the duration 2^(n-1), so that a sum names the records in it.
 *
 *     end_call(), write_out()   the end of an operation; lane: the record that leaves the pending word for its cell
 *     serve_reader()            basic_cell::serve_reader, with the pending word in the copy
 *     try_read(), read()        the collector's reading of one series in one lane
 *
 * Promised: the reading holds exactly the first n calls of the series, for some n, in the count as in the sum; with
 * every call that ended before the reading began, and never fewer than the reading before; a reading that began
 * after the thread paused, and sees that, succeeds. The thread never waits: no step of it has a condition.
 *
 * Every order below, and every step in #ifndef, can be taken away by a definition; tests/models/search.sh lists them.
 */

#define THREADS 2
#define WRITER 0
#define COLLECTOR 1

#define VARIABLES 8
#define SEQUENCE 0
#define BUCKET 1
#define SUM 2
#define CELL 3     /* the entry of the lane's directory: whether the series has a cell */
#define PENDING 4  /* the pending word */
#define READER 5   /* reader_ of the cell */
#define IMAGE 6    /* cell_image: not atomic */
#define ENDED 7    /* how the application tells the collecting thread that calls have ended */

#ifndef CALLS
#define CALLS 3
#endif
#define HISTORY (2 * CALLS + 3)

#ifndef SEQUENCE_STORE
#define SEQUENCE_STORE RELEASE
#endif
#ifndef BUCKET_STORE
#define BUCKET_STORE RELEASE
#endif
#ifndef SUM_STORE
#define SUM_STORE RELEASE
#endif
#ifndef CELL_STORE
#define CELL_STORE RELEASE
#endif
#ifndef PENDING_STORE
#define PENDING_STORE RELEASE
#endif
#ifndef SEQUENCE_LOAD
#define SEQUENCE_LOAD ACQUIRE
#endif
#ifndef BUCKET_LOAD
#define BUCKET_LOAD ACQUIRE
#endif
#ifndef SUM_LOAD
#define SUM_LOAD ACQUIRE
#endif
#ifndef CELL_LOAD
#define CELL_LOAD ACQUIRE
#endif
#ifndef PENDING_LOAD
#define PENDING_LOAD ACQUIRE
#endif

#include "memory.pml"

/* The values of PENDING, besides the duration of a call of the series. */
#define NONE 0
#define OF_OTHER_SERIES 255
#define DURATION_OF(word) ((word) == OF_OTHER_SERIES -> 0 : (word))

/* The values of READER. */
#define NO_READER 0
#define POSTED 1
#define BEING_SERVED 2

#define UNINITIALISED 255

bool writer_has_paused, collector_has_ended;

inline write_out(next) {
  if
  :: DURATION_OF(pending) == 0 -> store(WRITER, PENDING, next, PENDING_STORE)
  :: else ->
    if
    :: records == 0 ->
      store(WRITER, SEQUENCE, 0, RELAXED);
      store(WRITER, CELL, true, CELL_STORE)
    :: else
    fi;
#ifdef PENDING_BEFORE_WINDOW
    store(WRITER, PENDING, next, PENDING_STORE);
#endif
#ifndef WITHOUT_ODD_SEQUENCE
    store(WRITER, SEQUENCE, 2 * records + 1, RELAXED);
#endif
    records++;
    recorded = recorded + pending;
    store(WRITER, BUCKET, records, BUCKET_STORE);
    store(WRITER, SUM, recorded, SUM_STORE);
#if !defined(PENDING_BEFORE_WINDOW) && !defined(PENDING_AFTER_WINDOW)
    store(WRITER, PENDING, next, PENDING_STORE);
#endif
#ifndef WITHOUT_EVEN_SEQUENCE
    store(WRITER, SEQUENCE, 2 * records, SEQUENCE_STORE);
#endif
#ifdef PENDING_AFTER_WINDOW
    store(WRITER, PENDING, next, PENDING_STORE);
#endif
    has_written = true
  fi;
  pending = next
}

/* A request that is missed or withdrawn leaves nothing behind. */
inline serve_reader() {
  if
  :: true
  :: true ->
    NEWEST(READER) == POSTED || collector_has_ended;
    compare_exchange(WRITER, READER, POSTED, BEING_SERVED, succeeded, ACQUIRE, RELAXED);
    if
    :: succeeded ->
#ifdef SERVE_WITHOUT_PENDING
      claim(WRITER, IMAGE, recorded);
#else
      claim(WRITER, IMAGE, recorded + DURATION_OF(pending));
#endif
      store(WRITER, READER, NO_READER, RELEASE);
      succeeded = false
    :: else
    fi
  fi
}

inline serve_after_writing() {
  if
  :: has_written ->
    has_written = false;
    serve_reader()
  :: else
  fi
}

inline end_call() {
  calls++;
  if
  :: word = 1 << calls_of_series;
    calls_of_series++
  :: word = OF_OTHER_SERIES
  fi;
  write_out(word);
  serve_after_writing();
  store(WRITER, ENDED, (1 << calls_of_series) - 1, RELEASE);
  word = 0
}

inline end_thread() {
  write_out(NONE);
  serve_after_writing()
}

proctype writer() {
  byte calls, calls_of_series, word, pending, records, recorded;
  bool has_written, succeeded;

  atomic {
    do
    :: calls < CALLS -> end_call()
    :: break
    od;
    if
    :: end_thread()
    :: true
    fi;
    writer_has_paused = true
  }
}

/* Without a cell, all is in the pending word, unless the record went on into a new cell meanwhile. */
inline read_without_cell() {
  load(COLLECTOR, PENDING, word, PENDING_LOAD);
#ifdef WITHOUT_SECOND_CELL_LOAD
  has_cell = false;
#else
  load(COLLECTOR, CELL, has_cell, CELL_LOAD);
#endif
  d_step {
    sum = DURATION_OF(word);
    bucket = (sum != 0);
    succeeded = !has_cell
  }
}

inline read_with_cell() {
  load(COLLECTOR, SEQUENCE, before, SEQUENCE_LOAD);
  assert(before != UNINITIALISED);
  if
#ifndef WITHOUT_CHECK_FOR_ODD
  :: before % 2 == 1 -> succeeded = false
#endif
  :: else ->
#ifndef PENDING_LOADED_LAST
    load(COLLECTOR, PENDING, word, PENDING_LOAD);
#endif
    load(COLLECTOR, SUM, sum, SUM_LOAD);
    load(COLLECTOR, BUCKET, bucket, BUCKET_LOAD);
#ifdef WITHOUT_SECOND_SEQUENCE_LOAD
    succeeded = true;
#else
    load(COLLECTOR, SEQUENCE, after, RELAXED);
    succeeded = (before == after);
#endif
#ifdef PENDING_LOADED_LAST
    load(COLLECTOR, PENDING, word, PENDING_LOAD);
#endif
    d_step {
      sum = sum + DURATION_OF(word);
      bucket = bucket + (DURATION_OF(word) != 0)
    }
  fi
}

inline try_read() {
  must_succeed = writer_has_paused && KNOWS_NEWEST(COLLECTOR, SEQUENCE) && KNOWS_NEWEST(COLLECTOR, CELL);
  load(COLLECTOR, CELL, has_cell, CELL_LOAD);
  if
  :: has_cell -> read_with_cell()
  :: else -> read_without_cell()
  fi;
  d_step {
    assert(succeeded || !must_succeed);
    if
    :: succeeded
    :: else ->
      bucket = 0;
      sum = 0
    fi;
    before = 0;
    after = 0;
    word = 0;
    has_cell = 0;
    must_succeed = 0
  }
}

/* The image holds the pending record, if it is of the series: nothing is added to it. */
inline post_request() {
  has_posted = true;
  claim(COLLECTOR, IMAGE, 0);
  store(COLLECTOR, READER, POSTED, RELEASE);
  if
  :: await(COLLECTOR, READER, NO_READER, ACQUIRE);
    is_served = true
  :: compare_exchange(COLLECTOR, READER, POSTED, NO_READER, succeeded, ACQUIRE, RELAXED);
    if
    :: succeeded
    :: else ->
      await(COLLECTOR, READER, NO_READER, ACQUIRE);
      is_served = true
    fi
  fi;
  succeeded = false;
  if
  :: is_served ->
    d_step {
      assert(KNOWS_NEWEST(COLLECTOR, IMAGE));
      sum = STORED(IMAGE, KNOWN(COLLECTOR, IMAGE));
      bucket = (sum > 0) + (sum > 1) + (sum > 3) + (sum > 7)
    }
#ifdef PENDING_ADDED_TO_SERVED
    load(COLLECTOR, PENDING, word, ACQUIRE);
    d_step {
      sum = sum + DURATION_OF(word);
      bucket = bucket + (DURATION_OF(word) != 0);
      word = 0
    }
#endif
  :: else
  fi
}

inline read() {
  do
  :: !has_posted -> post_request();
    if
    :: is_served -> break
    :: else
    fi
  :: try_read();
    if
    :: succeeded -> break
    :: else
    fi
  od;
  true;
  d_step { is_served = 0; has_posted = 0; succeeded = 0 }
}

proctype collector() {
  byte before, after, word, bucket, sum, ended, earlier, collections;
  bool has_cell, succeeded, must_succeed, has_posted, is_served;

  do
  :: collections < 2 ->
    load(COLLECTOR, ENDED, ended, ACQUIRE);
    read();
    d_step {
      assert(sum == (1 << bucket) - 1);
      assert(sum >= ended);
      assert(sum >= earlier);
      earlier = sum;
      bucket = 0;
      sum = 0;
      ended = 0;
      collections++
    }
  :: else -> break
  od;
  collector_has_ended = true
}

init {
  atomic {
    STORED(SEQUENCE, 0) = UNINITIALISED;
    run writer();
    run collector()
  }
}
