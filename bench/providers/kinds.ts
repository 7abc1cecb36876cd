/** The kinds of memory that a queue can be given. The order is the one in which runs with 1, 3 and 5 kinds take them. */
export const KIND = { PAGES: 0, DMABUF: 1, IO_URING: 2, CAPPED: 3, HUGE_PAGE: 4 } as const;

export const KIND_NAMES = ['pages', 'dmabuf', 'io-uring', 'capped', 'huge-page'] as const;

/** How many kinds are live at once in the runs. */
export const LIVE = [1, 3, 5] as const;

/** Buffers that each kind of memory has; one is 4 KiB. */
export const BUFFERS = 2048;

/** What a capped pool may have out at once: less than the traffic wants, so that the cap is felt. */
export const CAP = 1024;
