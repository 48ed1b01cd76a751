/* The sequence lock of a cell: include/querytap/recording/detail/cell.hpp, src/recording/cell.cpp.
 *
 * One writer records up to RECORDS times, and may pause for good after any of them; a collector reads the cell
 * twice. The n-th record makes the bucket n and the sum n; minimum, range and wrap counts are further words that
 * are written and read as the sum is.
 *
 *     record(), make_page()   basic_cell::record_slow, make_page, write
 *     serve_reader()          basic_cell::serve_reader
 *     try_read(), read()      basic_cell::try_read with copy, read
 *
 * Promised: bucket and sum are of one instant; the reading holds every record that ended before it began and is
 * never less than the reading before; the image is written by one side at a time; a reading that began after
 * the writer paused, and sees that, succeeds. The writer never waits: it has no loop and no condition to wait for.
 *
 * Every order below, and every step in #ifndef, can be taken away by a definition; tests/models/search.sh lists them.
 */

#define THREADS 2
#define WRITER 0
#define COLLECTOR 1

#define VARIABLES 7
#define SEQUENCE 0
#define BUCKET 1
#define SUM 2
#define PAGE 3     /* near_slot_, near_, octaves_: whether the page of the bucket is there */
#define READER 4   /* reader_ */
#define IMAGE 5    /* cell_image: not atomic */
#define ENDED 6    /* how the application tells the collecting thread that calls have ended */

#ifndef RECORDS
#define RECORDS 2
#endif
#define HISTORY (2 * RECORDS + 4)

#ifndef SEQUENCE_STORE
#define SEQUENCE_STORE RELEASE
#endif
#ifndef BUCKET_STORE
#define BUCKET_STORE RELEASE
#endif
#ifndef SUM_STORE
#define SUM_STORE RELEASE
#endif
#ifndef PAGE_STORE
#define PAGE_STORE RELEASE
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
#ifndef PAGE_LOAD
#define PAGE_LOAD ACQUIRE
#endif
#ifndef POST_STORE
#define POST_STORE RELEASE
#endif
#ifndef SERVE_LOAD
#define SERVE_LOAD ACQUIRE
#endif
#ifndef ANSWER_STORE
#define ANSWER_STORE RELEASE
#endif
#ifndef ANSWER_LOAD
#define ANSWER_LOAD ACQUIRE
#endif

#include "memory.pml"

/* The values of READER. */
#define NO_READER 0
#define POSTED 1
#define BEING_SERVED 2

#define UNINITIALISED 255

bool writer_has_paused, collector_has_ended;

inline make_page() {
  store(WRITER, BUCKET, 0, RELAXED);
  store(WRITER, PAGE, true, PAGE_STORE)
}

inline record() {
#ifndef WITHOUT_ODD_SEQUENCE
  store(WRITER, SEQUENCE, 2 * records + 1, RELAXED);
#endif
  store(WRITER, BUCKET, records + 1, BUCKET_STORE);
  store(WRITER, SUM, records + 1, SUM_STORE);
#ifndef WITHOUT_EVEN_SEQUENCE
  store(WRITER, SEQUENCE, 2 * records + 2, SEQUENCE_STORE);
#endif
  records++
}

/* A request that is missed or withdrawn leaves nothing behind. */
inline serve_reader() {
  if
  :: true
  :: true ->
#ifdef SERVE_WITHOUT_COMPARING
    newest[READER] > 0;
    d_step {
      replace(WRITER, READER, BEING_SERVED, SERVE_LOAD, RELAXED);
      succeeded = true
    }
#else
    NEWEST(READER) == POSTED || collector_has_ended;
    compare_exchange(WRITER, READER, POSTED, BEING_SERVED, succeeded, SERVE_LOAD, RELAXED);
#endif
    if
    :: succeeded ->
      claim(WRITER, IMAGE, records);
      store(WRITER, READER, NO_READER, ANSWER_STORE);
      succeeded = false
    :: else
    fi
  fi
}

proctype writer() {
  byte records;
  bool succeeded;

  atomic {
    make_page();
    do
    :: records < RECORDS ->
      record();
      serve_reader();
      store(WRITER, ENDED, records, RELEASE)
    :: break
    od;
    writer_has_paused = true
  }
}

/* The order of basic_cell::copy: the sum, then the pages. */
inline try_read() {
  atomic {
    load(COLLECTOR, SEQUENCE, before, SEQUENCE_LOAD);
    must_succeed = writer_has_paused && KNOWS_NEWEST(COLLECTOR, SEQUENCE)
  }
  if
#ifndef WITHOUT_CHECK_FOR_ODD
  :: before % 2 == 1 -> succeeded = false
#endif
  :: else ->
    load(COLLECTOR, SUM, sum, SUM_LOAD);
    load(COLLECTOR, PAGE, page, PAGE_LOAD);
    if
    :: page ->
      load(COLLECTOR, BUCKET, bucket, BUCKET_LOAD);
      assert(bucket != UNINITIALISED)
    :: else -> bucket = 0
    fi;
#ifdef WITHOUT_SECOND_SEQUENCE_LOAD
    succeeded = true
#else
    atomic {
      load(COLLECTOR, SEQUENCE, after, RELAXED);
      succeeded = before == after
    }
#endif
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
    page = 0;
    must_succeed = 0
  }
}

/* A poll that finds no answer leaves nothing behind: the answer or the withdrawal comes at any time. */
inline read() {
  do
  :: try_read();
    if
    :: succeeded -> break
    :: else
    fi
  :: !has_posted ->
    has_posted = true;
    claim(COLLECTOR, IMAGE, 0);
    store(COLLECTOR, READER, POSTED, POST_STORE);
    if
    :: await(COLLECTOR, READER, NO_READER, ANSWER_LOAD);
      is_served = true
    :: true ->
#ifdef WITHDRAW_WITHOUT_COMPARING
      store(COLLECTOR, READER, NO_READER, RELEASE)
#else
      compare_exchange(COLLECTOR, READER, POSTED, NO_READER, succeeded, ACQUIRE, RELEASE);
      if
      :: succeeded
      :: else ->
        await(COLLECTOR, READER, NO_READER, ANSWER_LOAD);
        is_served = true
      fi
#endif
    fi;
    if
    :: is_served -> break
    :: else
    fi
  od;
  true;
  d_step {
    if
    :: is_served -> bucket = STORED(IMAGE, KNOWN(COLLECTOR, IMAGE)); sum = bucket
    :: else
    fi;
    is_served = 0;
    has_posted = 0;
    succeeded = 0
  }
  claim(COLLECTOR, IMAGE, bucket)
}

proctype collector() {
  byte before, after, bucket, sum, ended, earlier, collections;
  bool page, succeeded, must_succeed, has_posted, is_served;

  do
  :: collections < 2 ->
    load(COLLECTOR, ENDED, ended, ACQUIRE);
    read();
    d_step {
      assert(bucket == sum);
      assert(bucket >= ended);
      assert(bucket >= earlier);
      earlier = bucket;
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
    STORED(BUCKET, 0) = UNINITIALISED;
    run writer();
    run collector()
  }
}
