// SPDX-License-Identifier: Apache-2.0
/*
 * The page pool of src/kernel/netmem in C, for comparison: the same algorithm over the same layout, so that what differs
 * is the language. No locks, as there are none in a daemon of one thread.
 *
 *   alloc            cache (LIFO, 128)  <-- refill up to 64 --  ptr ring (FIFO)  <-- slow --  provider
 *   put, direct  --> cache
 *   put, else    ------------------------------------------->  ptr ring
 *   ring full    -------------------------------------------------------------------------->  provider
 *
 * A netmem is an index into parallel arrays; 0 = none:
 *
 *   ref       0     1 .. n
 *           +----+---------------------------+
 *  pp_ref   | -  | references (pp_ref_count) |
 *  page_ref | -  | references of the page    |
 *  pool     | -  | handle of the pool        |
 *  users    | -  | tokens that name it       |
 *  state    | -  | enum netmem_state         |
 *           +----+---------------------------+
 *
 * Reads lines `MODE NETMEMS` and answers each with nanoseconds a netmem (allocation and recycling together), or with
 * `fault ...` when the pool does not add up.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CACHE_SIZE = 128, CACHE_REFILL = 64, RING_BATCH = 16 };
/* One poll's worth: as many as a NAPI may take at once. */
enum { BURST = 64 };

enum netmem_state { FREE, WAITING, CACHE, RING, POSTED, STACK, SOCKET, USER, REFILL, NETMEM_STATES };

enum pool_stat {
  ALLOC_FAST,
  ALLOC_SLOW,
  ALLOC_SLOW_HIGH_ORDER,
  ALLOC_EMPTY,
  ALLOC_REFILL,
  ALLOC_WAIVE,
  RECYCLE_CACHED,
  RECYCLE_CACHE_FULL,
  RECYCLE_RING,
  RECYCLE_RING_FULL,
  RECYCLE_RELEASED_REFCNT,
  POOL_STATS
};

struct netmem_table {
  int32_t *pp_ref;
  int32_t *page_ref;
  int32_t *pool;
  int32_t *users;
  uint8_t *state;
  uint32_t length;
};

/* A FIFO of slots; an empty one holds 0. Consumed slots are cleared in batches. */
struct ptr_ring {
  int32_t *slots;
  int32_t size;
  int32_t batch;
  int32_t producer;
  int32_t consumer_head;
  int32_t consumer_tail;
};

/* The last slow events. */
enum pool_event { EVENT_SLOW, EVENT_EMPTY, EVENT_RING_FULL, EVENT_FOREIGN };
enum { HISTORY = 32 };

struct pool_history {
  double at[HISTORY];
  int32_t record[HISTORY][3];
  uint32_t next;
};

/* The books of who owns netmems: total = free + waiting + held + lent. */
struct netmem_owner {
  int32_t total;
  int32_t free;
  int32_t waiting;
  int32_t held;
  int32_t lent;
};

struct page_pool;

struct memory_provider_ops {
  /* 0 = none; may push more into the empty cache. */
  int32_t (*alloc_netmems)(struct page_pool *pool);
  /* true: the core clears the netmem and drops the page reference. */
  bool (*release_netmem)(struct page_pool *pool, int32_t ref);
};

struct host {
  struct netmem_table netmems;
  int32_t napi_context;
};

struct page_pool {
  struct host *host;
  struct ptr_ring ring;
  const struct memory_provider_ops *mp_ops;
  void *mp_priv;
  const struct netmem_owner *owner;
  void (*on_return)(struct page_pool *pool);
  int32_t handle;
  int32_t napi_id;
  bool no_direct;
  bool dma_sync;
  uint32_t hold;
  uint32_t release;
  int32_t cache_count;
  /* Netmems that are in no store. */
  int32_t out;
  uint64_t dma_syncs;
  uint64_t stats[POOL_STATS];
  int32_t in_state[NETMEM_STATES];
  int32_t cache[CACHE_SIZE];
  struct pool_history history;
};

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) {
    fputs("out of memory\n", stderr);
    exit(1);
  }
  return memory;
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ---- ptr ring ---- */

static void ring_init(struct ptr_ring *ring, int32_t size) {
  memset(ring, 0, sizeof(*ring));
  ring->slots = allocate((size_t)size, sizeof(*ring->slots));
  ring->size = size;
  ring->batch = RING_BATCH * 2 > size ? 1 : RING_BATCH;
}

static bool ring_produce(struct ptr_ring *ring, int32_t ref) {
  if (ring->slots[ring->producer] != 0) return false;
  ring->slots[ring->producer] = ref;
  ring->producer = ring->producer + 1 == ring->size ? 0 : ring->producer + 1;
  return true;
}

static int32_t ring_count(const struct ptr_ring *ring) {
  int32_t ahead = ring->producer - ring->consumer_head;
  if (ahead != 0) return ahead < 0 ? ahead + ring->size : ahead;
  return ring->slots[ring->consumer_head] == 0 ? 0 : ring->size;
}

static int32_t ring_consume(struct ptr_ring *ring) {
  int32_t ref = ring->slots[ring->consumer_head];
  if (ref == 0) return 0;
  int32_t head = ring->consumer_head + 1;
  if (head - ring->consumer_tail >= ring->batch || head == ring->size) {
    memset(ring->slots + ring->consumer_tail, 0, (size_t)(head - ring->consumer_tail) * sizeof(*ring->slots));
    ring->consumer_tail = head;
  }
  if (head == ring->size) {
    ring->consumer_head = 0;
    ring->consumer_tail = 0;
  } else {
    ring->consumer_head = head;
  }
  return ref;
}

/* ---- page pool ---- */

static int32_t pool_inflight(const struct page_pool *pool) { return (int32_t)(pool->hold - pool->release); }

static void pool_record(struct page_pool *pool, enum pool_event event, int32_t value) {
  struct pool_history *h = &pool->history;
  uint32_t i = h->next++ % HISTORY;
  h->at[i] = now_ns() / 1e6;
  h->record[i][0] = (int32_t)event;
  h->record[i][1] = value;
  h->record[i][2] = pool_inflight(pool);
}

/* A netmem that was out is back in a store, or goes to its owner. */
static void pool_take_back(struct page_pool *pool, int32_t ref, enum netmem_state to) {
  uint8_t *state = &pool->host->netmems.state[ref];
  if (*state > POSTED) pool->in_state[*state]--;
  *state = (uint8_t)to;
  pool->out--;
}

/* Binds a netmem that comes from its owner to the pool. */
static void pool_hold(struct page_pool *pool, int32_t ref) {
  struct netmem_table *t = &pool->host->netmems;
  t->pool[ref] = pool->handle;
  t->pp_ref[ref] = 1;
  t->users[ref] = 0;
  t->state[ref] = CACHE;
  pool->hold++;
}

static void pool_return_to_owner(struct page_pool *pool, int32_t ref) {
  struct netmem_table *t = &pool->host->netmems;
  if (t->state[ref] >= POSTED) pool_take_back(pool, ref, FREE);
  else t->state[ref] = FREE;
  bool put = pool->mp_ops->release_netmem(pool, ref);
  pool->release++;
  if (put) {
    t->pool[ref] = 0;
    t->pp_ref[ref] = 0;
    t->page_ref[ref]--;
  }
}

static int32_t pool_refill(struct page_pool *pool) {
  struct ptr_ring *ring = &pool->ring;
  int32_t ref = ring_consume(ring);
  if (ref == 0) {
    pool->stats[ALLOC_EMPTY]++;
    return 0;
  }
  do {
    pool->host->netmems.state[ref] = CACHE;
    pool->cache[pool->cache_count++] = ref;
  } while (pool->cache_count < CACHE_REFILL && (ref = ring_consume(ring)) != 0);
  pool->stats[ALLOC_REFILL]++;
  return pool->cache[--pool->cache_count];
}

static int32_t pool_alloc_slow(struct page_pool *pool) {
  int32_t ref = pool->mp_ops->alloc_netmems(pool);
  if (ref == 0) pool_record(pool, EVENT_EMPTY, 0);
  else pool_record(pool, EVENT_SLOW, pool->cache_count + 1);
  return ref;
}

static int32_t pool_alloc_netmem(struct page_pool *pool) {
  int32_t ref;
  if (pool->cache_count > 0) {
    ref = pool->cache[--pool->cache_count];
    pool->stats[ALLOC_FAST]++;
  } else {
    ref = pool_refill(pool);
    if (ref == 0) ref = pool_alloc_slow(pool);
    if (ref == 0) return 0;
  }
  pool->host->netmems.state[ref] = POSTED;
  pool->out++;
  return ref;
}

static void pool_recycle(struct page_pool *pool, int32_t ref, bool direct) {
  if (pool->host->netmems.page_ref[ref] != 1) {
    pool->stats[RECYCLE_RELEASED_REFCNT]++;
    pool_record(pool, EVENT_FOREIGN, ref);
    pool_return_to_owner(pool, ref);
  } else {
    if (pool->dma_sync) pool->dma_syncs++;
    if (direct) {
      if (pool->cache_count < CACHE_SIZE) {
        pool->cache[pool->cache_count++] = ref;
        pool_take_back(pool, ref, CACHE);
        pool->stats[RECYCLE_CACHED]++;
        if (pool->on_return != NULL) pool->on_return(pool);
        return;
      }
      pool->stats[RECYCLE_CACHE_FULL]++;
    }
    if (ring_produce(&pool->ring, ref)) {
      pool_take_back(pool, ref, RING);
      pool->stats[RECYCLE_RING]++;
    } else {
      pool->stats[RECYCLE_RING_FULL]++;
      pool_record(pool, EVENT_RING_FULL, ref);
      pool_return_to_owner(pool, ref);
    }
  }
  if (pool->on_return != NULL) pool->on_return(pool);
}

static void pool_put(struct page_pool *pool, int32_t ref) {
  int32_t *pp_ref = &pool->host->netmems.pp_ref[ref];
  if (*pp_ref != 1) {
    --*pp_ref;
    return;
  }
  pool_recycle(pool, ref, !pool->no_direct && pool->napi_id != 0 && pool->host->napi_context == pool->napi_id);
}

/* The stores and what is out against inflight, what others have against what is out, the owner's books. NULL = all is well. */
static const char *pool_fault(const struct page_pool *pool) {
  int32_t beyond = 0;
  for (int s = POSTED + 1; s < NETMEM_STATES; s++) {
    if (pool->in_state[s] < 0) return "negative state";
    beyond += pool->in_state[s];
  }
  if (beyond > pool->out) return "out";
  if (pool->cache_count + ring_count(&pool->ring) + pool->out != pool_inflight(pool)) return "inflight";
  const struct netmem_owner *o = pool->owner;
  if (o == NULL) return NULL;
  if (o->free < 0 || o->waiting < 0 || o->held < 0 || o->lent < 0) return "negative books";
  if (o->free + o->waiting + o->held + o->lent != o->total) return "books";
  return NULL;
}

/* ---- provider: net_iovs of a region, the lowest free one first ---- */

enum { LEVELS = 4 };

/* One bit an element in level 0; one bit a word that has a bit set in the levels above. */
struct region {
  struct netmem_owner books;
  uint32_t *levels[LEVELS];
  int depth;
  int32_t base;
};

static void region_release(struct region *region, uint32_t i) {
  region->books.free++;
  for (int l = 0; l < region->depth; l++) {
    uint32_t *word = &region->levels[l][i >> 5];
    uint32_t before = *word;
    *word = before | (uint32_t)1 << (i & 31);
    if (before != 0) return;
    i >>= 5;
  }
}

static int32_t region_take(struct region *region) {
  uint32_t i = 0;
  for (int l = region->depth - 1; l >= 0; l--) {
    uint32_t word = region->levels[l][i];
    if (word == 0) return -1;
    i = i * 32 + (uint32_t)__builtin_ctz(word);
  }
  uint32_t taken = i;
  region->books.free--;
  for (int l = 0; l < region->depth; l++) {
    uint32_t *word = &region->levels[l][i >> 5];
    *word &= ~((uint32_t)1 << (i & 31));
    if (*word != 0) break;
    i >>= 5;
  }
  return (int32_t)taken;
}

static void region_init(struct region *region, int32_t base, uint32_t size) {
  uint32_t words = size;
  region->base = base;
  region->books.total = (int32_t)size;
  do {
    words = (words + 31) / 32;
    region->levels[region->depth++] = allocate(words, sizeof(uint32_t));
  } while (words > 1);
  for (uint32_t i = 0; i < size; i++) region_release(region, i);
}

static int32_t region_alloc_netmems(struct page_pool *pool) {
  struct region *region = pool->mp_priv;
  int32_t i = region_take(region);
  if (i < 0) return 0;
  region->books.lent++;
  pool_hold(pool, region->base + i);
  return region->base + i;
}

static bool region_release_netmem(struct page_pool *pool, int32_t ref) {
  struct region *region = pool->mp_priv;
  pool->host->netmems.pool[ref] = 0;
  pool->host->netmems.pp_ref[ref] = 0;
  region->books.lent--;
  region_release(region, (uint32_t)(ref - region->base));
  return false;
}

static const struct memory_provider_ops region_ops = {
  .alloc_netmems = region_alloc_netmems,
  .release_netmem = region_release_netmem,
};

/* ---- rounds ---- */

enum { NAPI_ID = 8193, REGION_SIZE = 4096, FIRST_REF = 1 };

struct mode {
  const char *name;
  /* Of the pool's ring; 1 leaves nothing but the slow path. */
  int32_t ring_size;
  /* Who gives netmems back: the pool's own NAPI, or somebody in process context (0). */
  int32_t context;
};

static const struct mode modes[] = {
  { "cache", 1024, NAPI_ID },
  { "ring", 1024, 0 },
  { "slow", 1, 0 },
};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

static struct page_pool *pool_create(struct host *host, int32_t ring_size) {
  struct page_pool *pool = allocate(1, sizeof(*pool));
  struct region *region = allocate(1, sizeof(*region));
  region_init(region, FIRST_REF, REGION_SIZE);
  pool->host = host;
  pool->mp_ops = &region_ops;
  pool->mp_priv = region;
  pool->owner = &region->books;
  pool->handle = 1;
  pool->napi_id = NAPI_ID;
  ring_init(&pool->ring, ring_size);
  return pool;
}

static struct host *host_create(void) {
  struct host *host = allocate(1, sizeof(*host));
  struct netmem_table *t = &host->netmems;
  t->length = FIRST_REF + REGION_SIZE;
  t->pp_ref = allocate(t->length, sizeof(*t->pp_ref));
  t->page_ref = allocate(t->length, sizeof(*t->page_ref));
  t->pool = allocate(t->length, sizeof(*t->pool));
  t->users = allocate(t->length, sizeof(*t->users));
  t->state = allocate(t->length, sizeof(*t->state));
  for (uint32_t i = FIRST_REF; i < t->length; i++) t->page_ref[i] = 1;
  return host;
}

/* A NAPI poll takes a burst, its packets give it back, and the pool must add up. */
static const char *run(struct page_pool *pool, const struct mode *mode, uint64_t netmems) {
  int32_t taken[BURST];
  for (uint64_t done = 0; done < netmems; done += BURST) {
    for (int i = 0; i < BURST; i++) {
      taken[i] = pool_alloc_netmem(pool);
      if (taken[i] == 0) return "exhausted";
    }
    pool->host->napi_context = mode->context;
    for (int i = 0; i < BURST; i++) pool_put(pool, taken[i]);
    pool->host->napi_context = 0;
    const char *fault = pool_fault(pool);
    if (fault != NULL) return fault;
  }
  return NULL;
}

int main(void) {
  struct page_pool *pools[MODES];
  for (int m = 0; m < MODES; m++) pools[m] = pool_create(host_create(), modes[m].ring_size);
  char line[128];
  while (fgets(line, sizeof(line), stdin) != NULL) {
    char name[32];
    uint64_t netmems;
    int m = 0;
    if (sscanf(line, "%31s %" SCNu64, name, &netmems) != 2) return 2;
    while (m < MODES && strcmp(name, modes[m].name) != 0) m++;
    if (m == MODES || netmems == 0) return 2;
    double started = now_ns();
    const char *fault = run(pools[m], &modes[m], netmems);
    double spent = now_ns() - started;
    if (fault != NULL) printf("fault %s\n", fault);
    else printf("%.4f\n", spent / (double)netmems);
    fflush(stdout);
  }
  return 0;
}
