"""The threads that train an epoch: which of them trains what, and when they wait for each other."""

from libc.stdint cimport int64_t

cdef extern from "platform.h":
    int64_t fetch_add(volatile int64_t *counter, int64_t n) noexcept nogil
    int64_t load(volatile int64_t *counter) noexcept nogil
    void store(volatile int64_t *counter, int64_t n) noexcept nogil
    void give_way() noexcept nogil
    void keep_apart(volatile int64_t *processors, int64_t n, int64_t own) noexcept nogil
    int64_t nanoseconds() noexcept nogil

cdef enum:
    GO = 1
    LEAVE = 2
    SPINS = 1000        # looks at the others before a worker at a barrier gives way
    APART = 64          # the first so many workers are kept on different processors
    TRIAL = 20000000    # nanoseconds, for half of which workers should not wait
    TRIALS = 2          # in a row, after which those who do no longer train together


cdef struct Team:
    int64_t workers
    int64_t n_spans
    int64_t first_span
    bint rounds                     # all workers meet after each span
    bint together                   # each span is trained by all of them, who meet in each batch,
    bint patient                    # however long they have to wait
    volatile int64_t apart          # they did that, and now do not: they waited too long
    volatile int64_t waited         # nanoseconds, all of them,
    int64_t waited_before           # and up to when
    int64_t began                   # the present trial
    int64_t failed                  # and so many before it
    volatile int64_t claimed        # spans
    volatile int64_t paused
    volatile int64_t stopped
    volatile int64_t joined         # in rounds: workers that have come,
    volatile int64_t processors[APART]      # which they are on
    volatile int64_t arrived        # at barriers, of all of them together
    volatile int64_t ended
    volatile int64_t deciders
    volatile int64_t decision       # whether all have come, or were stopped before


cdef struct Member:
    int64_t number                  # in rounds: among the workers
    int64_t round
    bint claimed                    # the span of this round
    int64_t met                     # how often it has met the others, where spans are trained together


cdef inline int64_t claim(Team *t, Member *m) noexcept nogil:
    """The number of the span that this worker trains next; too high a number if there is none."""
    if (t.rounds or in_step(t)) and m.number < APART:
        keep_apart(t.processors, min(t.workers, APART), m.number)
    if in_step(t):
        return claim_together(t, m)
    if not t.rounds and not load(&t.paused):
        return fetch_add(&t.claimed, 1)
    if t.rounds and not m.claimed:
        m.claimed = True
        fetch_add(&t.claimed, 1)
        return span_of_round(t, m)
    return t.n_spans


cdef inline bint in_step(Team *t) noexcept nogil:
    """Whether all train each span together."""
    return t.together and not load(&t.apart)


cdef inline int64_t claim_together(Team *t, Member *m) noexcept nogil:
    """The span that follows, if the first member has claimed it for all, who train what it has claimed to the end.

    It claims the one after it at once, so that nobody waits for that.
    """
    cdef int64_t span = t.first_span + m.round
    if m.number == 0:
        if m.round == 0:
            begin_trial(t)
        while load(&t.claimed) < span + 2 and not load(&t.ended):
            claim_for_all(t)
    m.round += 1
    while load(&t.claimed) <= span and not load(&t.ended):
        give_way()
    return span if load(&t.claimed) > span else t.n_spans


cdef inline void claim_for_all(Team *t) noexcept nogil:
    """One span more, or none any more."""
    cdef int64_t span = load(&t.claimed)
    if span < t.n_spans and not load(&t.paused) and not load(&t.stopped) and not wait_too_long(t):
        store(&t.claimed, span + 1)
    else:
        store(&t.ended, 1)


cdef inline bint wait_too_long(Team *t) noexcept nogil:
    """Whether workers wait for each other most of the time, as where there are less processors than programs.

    Not just once, as when two of them begin on the same processor, or one is held up for longer than a trial.
    """
    cdef int64_t spent = nanoseconds() - t.began, waited = load(&t.waited) - t.waited_before
    if spent <= TRIAL:
        return False
    begin_trial(t)
    t.failed = t.failed + 1 if 2 * waited > spent * t.workers else 0
    return not t.patient and t.failed >= TRIALS


cdef inline void begin_trial(Team *t) noexcept nogil:
    t.began, t.waited_before = nanoseconds(), load(&t.waited)


cdef inline bint go_apart(Team *t, Member *m) noexcept nogil:
    """Once all have trained the last span that was claimed: whether others follow, which each is to train alone.

    One worker decides for all.
    """
    barrier(t, m.met + 1)
    if m.number == 0 and load(&t.claimed) < t.n_spans and not load(&t.paused) and not load(&t.stopped):
        store(&t.apart, 1)
    barrier(t, m.met + 2)
    return load(&t.apart)


cdef inline int64_t span_of_round(const Team *t, const Member *m) noexcept nogil:
    return t.first_span + m.round * t.workers + m.number


cdef inline void begin_at(Team *t, int64_t span) noexcept nogil:
    t.first_span = span
    store(&t.claimed, span)
    t.paused = t.ended = t.joined = t.arrived = t.apart = t.waited = t.failed = 0
    if not t.stopped:
        t.deciders = t.decision = 0


cdef inline void stop(Team *t) noexcept nogil:
    store(&t.stopped, 1)
    decide(t, LEAVE)


cdef inline void decide(Team *t, int64_t decision) noexcept nogil:
    """The first decision stands."""
    if fetch_add(&t.deciders, 1) == 0:
        store(&t.decision, decision)


cdef inline bint join(Team *t, Member *m) noexcept nogil:
    """Wait until all workers are here; False if they were stopped before. Nobody leaves thereafter."""
    m.number = fetch_add(&t.joined, 1)
    if m.number >= t.workers:
        return False
    if m.number == t.workers - 1:
        decide(t, GO)
    while load(&t.decision) == 0:
        give_way()
    return load(&t.decision) == GO


cdef inline void barrier(Team *t, int64_t time) noexcept nogil:
    """Wait until all workers are here for the time-th time."""
    arrive(t)
    wait_for_all(t, time)


cdef inline void arrive(Team *t) noexcept nogil:
    """The first half of a barrier, after which something may be done that needs no other worker."""
    fetch_add(&t.arrived, 1)


cdef inline bint all_have_come(Team *t, int64_t time) noexcept nogil:
    return load(&t.arrived) >= time * t.workers


cdef inline void wait_for_all(Team *t, int64_t time) noexcept nogil:
    """The second half."""
    cdef int64_t looks = 0, since = 0
    while not all_have_come(t, time):
        looks += 1
        if looks == SPINS:
            since = nanoseconds()
        if looks > SPINS:
            give_way()
    if since:
        fetch_add(&t.waited, nanoseconds() - since)


cdef inline void end_round(Team *t, Member *m) noexcept nogil:
    """One worker decides for all whether this was the last round."""
    m.round += 1
    m.claimed = False
    if m.number == 0 and (load(&t.paused) or load(&t.stopped) or span_of_round(t, m) >= t.n_spans):
        store(&t.ended, 1)
