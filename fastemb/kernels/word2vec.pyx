"""Skip-gram and CBOW: the walk over the corpus.

The walk turns stretches of an encoded corpus into blocks: some input rows, some output
rows, and for each pair of them how often it is a positive example, and how much it counts in all.
With negative sampling the outputs are centres and noise words, with hierarchical softmax the nodes
on the way to one centre in the Huffman tree. What trains a block is in step.pyx.

Random numbers belong to a place in the corpus, not to a thread: whether a word is kept
and how wide its window is depend on the seed, the epoch and its position alone, and the
noise on the stretch. Threads share the matrices without locks (Recht et al. 2011), all but the top of the Huffman
tree and, in skip-gram of single rows, those of the most frequent words; or they train copies of all rows in rounds that
depend on nothing but their number: see copies.pxd.

A word may be a bag of rows, its own and those of its n-grams (Bojanowski et al. 2017): its vector is their mean,
and each of them gets the change of the vector undivided. Then a place of the corpus has a row in a ring,
where it is gathered when a block first needs it, and trained by all blocks until windows have passed
it; its change is scattered to the rows of the bag thereafter.
"""

import numpy as np

cimport cython
from fastemb.kernels.copies cimport Copies, HotRows, copy_of, forget, hot_row, merge, merge_hot, prepare, take_changes
from fastemb.kernels.noise cimport NoiseTable, draw, will_draw
from fastemb.kernels.step cimport LANES, Step, kernels
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

cdef extern from "platform.h":
    int64_t fetch_add(volatile int64_t *counter, int64_t n) noexcept nogil
    int64_t load(volatile int64_t *counter) noexcept nogil
    void store(volatile int64_t *counter, int64_t n) noexcept nogil
    void give_way() noexcept nogil
    void *allocate_aligned(size_t size) noexcept nogil
    void free_aligned(void *memory) noexcept nogil

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil
    uint64_t random_at(uint64_t key, uint64_t k) noexcept nogil
    uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil
    void WILL_READ(const void *address) noexcept nogil

cdef enum:
    STRETCH = 4096      # positions that a worker claims at a time; the learning rate is renewed at each
    ROUND = 1024        # positions of all workers in a round, if they train in rounds
    LEAST = 32          # positions of one worker in a round
    GO = 1
    LEAVE = 2
    SPINS = 100         # looks at the others before a worker that waits for them gives way
    HOT = 512           # copies, of all workers together, of rows that all would write to: the first, or the tree's top
    MANY = 64           # stretches for each worker, from which on it has copies of these
    DRAWS = 64          # so many noise words ahead, the memory of their look-ups is asked for
    WAYS = 4            # so many centres ahead, the memory of the way to one is asked for
    AHEAD = 1024        # rows of bags that are asked for at a time


cdef struct Chunk:
    const int32_t *ids          # -1: not in the vocabulary
    const int64_t *starts       # of the sentences, and the end of the last
    int64_t sentences
    int64_t position            # of its first word in the corpus
    int64_t first_stretch


# A piece of the corpus whose words one worker trains as centres.
cdef struct Stretch:
    int32_t *kept               # the words that were kept, and as many on either side as windows can reach
    float **rows                # and their vectors
    int64_t *low                # the window of centre c is kept[low[c]:high[c]] without c itself
    int64_t *high
    int64_t oldest              # the first word that was kept
    int64_t first, end          # the centres
    int64_t asked               # the vectors before this one were asked for
    uint64_t noise_key, drawn
    uint64_t *random            # of the next DRAWS noise words
    float alpha


cdef struct Block:
    Stretch *stretch
    Step step
    bint tree                   # the outputs are nodes, not words
    int64_t pairs               # positive pairs, by which the loss is divided
    int64_t row, last_row       # the context words, kept[row:last_row]; in skip-gram they are the inputs
    int64_t oldest              # from here on, this or a later block of the stretch may need what was kept
    int64_t *centres            # in CBOW: the inputs are their contexts
    int32_t *inputs             # in skip-gram: the words, each once
    int32_t *outputs            # the words or nodes, each once


cdef enum:
    VECTORS, OUTPUTS, NODES, MATRICES


# What one worker thread has to itself.
cdef struct Worker:
    int64_t number              # among the workers, if they train in rounds
    int64_t round
    bint claimed                # the stretch of this round
    Copies copies[MATRICES]
    HotRows hot[MATRICES]
    Stretch stretches[2]        # two of each, since a block is built while the last one waits to be trained
    Block blocks[2]
    int which_stretch, which_block
    bint waits                  # there has been a block of the present stretch
    int64_t first, end          # the present centres
    bint tree                   # of which there is one, and meets nodes, not words and noise
    int64_t row, last_row       # of whose context words these are still to come
    int64_t to_tree, last_centre    # these centres are still to meet their nodes
    int64_t *places             # of the context words among the inputs
    int64_t *columns            # of the centres among the outputs
    float *uses                 # in how many windows of the block an input is
    float *noise                # how much an output counts as noise; 1 for nodes
    float *labels               # of the nodes
    float *hidden               # CBOW: the mean or sum of each centre's context
    float **context             # CBOW: the rows of one context, and what their changes are multiplied by
    float *locks
    float *ring                 # of a bag the vector, and what it was when it was gathered
    Stretch *gathered           # kept[first_bag:last_bag] of this stretch are in the ring
    int64_t first_bag, last_bag
    float **bag                 # the rows of one bag, and their lock factors
    float *bag_locks
    int64_t trained             # words that were centres
    int64_t pairs
    double loss
    void *memory


@cython.final
cdef class Epoch:
    """One pass of all workers over an encoded corpus.

    Any number of threads call `work()`, which returns when nothing is left to claim. The
    arrays must not be resized meanwhile.

    Parameters
    ----------
    chunks : list of (ids, starts)
        `ids`, int32 of shape (words,): rows of the matrices, or -1 for a word to pass over.
        `starts`, int64 of shape (sentences + 1,): where sentences begin, and the last one ends.
    vectors : ndarray of float32, shape (vocabulary, vector_size), C-contiguous
        The input matrix. All matrices are trained in place.
    keep : ndarray of uint32, shape (vocabulary,)
        A word is kept with probability keep / (2³² - 1).
    locks : ndarray of float32, shape (any,)
        Changes of row k of `vectors` are multiplied by locks[k % len(locks)].
    output_vectors, noise : ndarray as `vectors`, NoiseTable; optional
        For negative sampling.
    node_vectors, paths : ndarray as `vectors`, (starts, nodes, labels); optional
        For hierarchical softmax: the way to word k is nodes[starts[k]:starts[k + 1]], int32, with
        labels float32; starts is int64 of shape (vocabulary + 1,).
    ngram_vectors, bags, ngram_locks : ndarray as `vectors`, (starts, ids), ndarray as `locks`; optional
        Word k is a bag of row k of `vectors` and the rows ids[starts[k]:starts[k + 1]] of `ngram_vectors`.
    lasting : bool, default True
        Leave bags gathered until the windows have passed them, and not only for a block.
    sg, window, shrink_windows, negative, cbow_mean, compute_loss
        As in `fastemb.models.Word2Vec`.
    divide_gradient : bool
        In CBOW, divide the gradient by the number of context words.
    centres, rows, noise_words : int
        At most so many centres, and so many context words, meet in one block, and share so many noise words. With
        nodes a block has one centre.
    rounds : bool
        Train in rounds: each worker a stretch, in copies of the rows, whose changes are added up when all have
        finished. The same bits come out of the same number of workers. All of them must call `work()`, at once.
    workers : int
        So many threads call `work()` at once; no more than there are `stretches` need to. If they are several, and
        have much to do, each trains the top of the tree, which should be the last of the nodes, in copies of its own,
        also without `rounds`, and in skip-gram without bags the first rows of both other matrices, which should be
        those of the most frequent words. It merges them at each stretch.
    seed : int
        64 random bits for this epoch.
    start_alpha, end_alpha : float
        The learning rate at the epoch's first and last word; between them it is linear.
    first_position : int, default 0
        Words of the same epoch that came before; random numbers depend on the place in the corpus.
    """

    cdef Chunk *chunks
    cdef int64_t n_chunks, n_stretches
    cdef readonly int64_t words
    cdef float *vectors
    cdef float *output_vectors      # NULL without negative sampling
    cdef float *node_vectors        # NULL without hierarchical softmax
    cdef Py_ssize_t vector_size, vocabulary
    cdef const uint32_t *keep
    cdef const float *locks     # NULL if they are all 1
    cdef int64_t n_locks
    cdef float *ngram_vectors
    cdef const int64_t *bag_starts  # NULL if words are single rows
    cdef const int32_t *bag_ids
    cdef const float *ngram_locks
    cdef int64_t n_ngram_locks, longest_bag, ring_mask
    cdef bint lasting
    cdef NoiseTable noise
    cdef const int64_t *path_starts
    cdef const int32_t *path_nodes  # twice the number of a node, and 1 more if its label is 1
    cdef int64_t longest_path, first_position, workers, hot
    cdef bint sg, shrink_windows, cbow_mean, divide_gradient, compute_loss, rounds
    cdef int64_t window, negative, max_centres, max_rows, noise_words, halo, stretch
    cdef uint64_t key
    cdef double start_alpha, end_alpha
    cdef volatile int64_t claimed, paused, stopped, joined, arrived, ended, deciders, decision
    cdef int64_t first_stretch
    cdef Copies **everybodys        # matrix × worker
    cdef list references

    def __init__(
            self, chunks, float[:, ::1] vectors, const uint32_t[::1] keep, const float[::1] locks, *,
            float[:, ::1] output_vectors=None, NoiseTable noise=None, float[:, ::1] node_vectors=None, paths=None,
            bint sg, int64_t window, bint shrink_windows, int64_t negative, bint cbow_mean, bint divide_gradient,
            bint compute_loss, int64_t centres, int64_t rows, int64_t noise_words, bint rounds, int64_t workers,
            uint64_t seed, double start_alpha, double end_alpha, int64_t first_position=0,
            float[:, ::1] ngram_vectors=None, bags=None, const float[::1] ngram_locks=None, bint lasting=True):
        cdef const int32_t[::1] ids
        cdef const int64_t[::1] starts
        cdef int64_t longest = 0
        words, size = vectors.shape[0], vectors.shape[1]
        if keep.shape[0] != words or not words or not size or not locks.shape[0]:
            raise ValueError("the matrices and the tables of the vocabulary differ in size")
        if window < 1 or centres < 1 or rows < 1 or noise_words < 1 or workers < 1:
            raise ValueError("window, centres, rows, noise_words and workers must be at least 1")
        if output_vectors is None and node_vectors is None:
            raise ValueError("there must be a matrix for negative sampling or for hierarchical softmax")
        self.references = [vectors, keep, locks]
        self.vocabulary, self.vector_size = words, size
        if output_vectors is not None:
            self.check_matrix(output_vectors, vectors)
            if noise is None or noise.size != words or negative < 1:
                raise ValueError("negative must be at least 1, and the matrices and the noise must not differ in size")
            self.output_vectors = &output_vectors[0, 0]
            self.noise = noise
            self.negative = negative
        if node_vectors is not None:
            self.check_matrix(node_vectors, vectors)
            self.node_vectors = &node_vectors[0, 0]
            ways, nodes, labels = paths
            self.set_paths(words, ways, nodes, labels)
        self.rounds = rounds and workers > 1
        self.stretch = max(LEAST, ROUND // workers) if self.rounds else STRETCH
        self.chunks = <Chunk *>allocate_aligned((len(chunks) + 1) * sizeof(Chunk))
        if self.chunks == NULL:
            raise MemoryError("no memory for the chunks of the corpus")
        for ids, starts in chunks:
            sentences = starts.shape[0] - 1
            if sentences < 0 or starts[0] != 0 or starts[sentences] != ids.shape[0]:
                raise ValueError("the starts of the sentences must go from 0 to the number of words")
            if ids.shape[0] == 0:
                continue
            lengths = np.diff(starts)
            if np.min(lengths) < 0:
                raise ValueError("the starts of the sentences must not fall")
            if np.max(ids) >= words:
                raise ValueError("a word lies outside the vocabulary")
            longest = max(longest, np.max(lengths))
            self.references += [ids, starts]
            self.chunks[self.n_chunks] = Chunk(
                &ids[0], &starts[0], sentences, self.words, self.n_stretches)
            self.n_chunks += 1
            self.words += ids.shape[0]
            self.n_stretches += (ids.shape[0] + self.stretch - 1) // self.stretch
        self.vectors = &vectors[0, 0]
        self.keep = &keep[0]
        if np.any(np.asarray(locks) != 1):
            self.locks = &locks[0]
        self.n_locks = locks.shape[0]
        self.sg, self.shrink_windows, self.compute_loss = sg, shrink_windows, compute_loss
        self.cbow_mean, self.divide_gradient = cbow_mean, divide_gradient
        self.window = min(window, 2**31)
        self.max_centres, self.max_rows = centres, rows
        self.noise_words = noise_words
        self.halo = min(self.window, longest)
        self.key = mix(seed)
        self.first_position = first_position
        self.start_alpha, self.end_alpha = start_alpha, end_alpha
        self.workers = max(1, min(workers, self.n_stretches))
        if self.rounds:
            self.everybodys = <Copies **>allocate_aligned(MATRICES * self.workers * sizeof(Copies *))
            if self.everybodys == NULL:
                raise MemoryError("no memory for the copies of all workers")
        elif workers > 1 and words > 8 * HOT and self.n_stretches >= MANY * workers:
            self.hot = HOT // workers   # each row is averaged over them, which only the most frequent ones bear
        if bags is not None:
            if self.rounds:
                raise ValueError("bags of rows cannot be trained in rounds")
            starts, bag_ids = bags
            self.set_bags(words, ngram_vectors, starts, bag_ids, ngram_locks)
        self.lasting = lasting

    cdef int check_matrix(self, float[:, ::1] matrix, float[:, ::1] vectors) except -1:
        if matrix.shape[0] != vectors.shape[0] or matrix.shape[1] != vectors.shape[1]:
            raise ValueError("the input and output matrices differ in shape")
        self.references.append(matrix)
        return 0

    cdef int set_paths(
            self, int64_t words, const int64_t[::1] starts, const int32_t[::1] nodes,
            const float[::1] labels) except -1:
        cdef const int32_t[::1] labelled
        lengths = np.diff(starts)
        if starts.shape[0] != words + 1 or starts[0] != 0 or starts[words] != nodes.shape[0] or np.min(lengths) < 0:
            raise ValueError("the paths and the vocabulary differ in size")
        if nodes.shape[0] != labels.shape[0] or nodes.shape[0] and (np.min(nodes) < 0 or np.max(nodes) >= words):
            raise ValueError("the paths lead outside the tree")
        if words > 2**30:
            raise ValueError("the vocabulary is too large for hierarchical softmax: more than 2**30 words")
        labelled = 2 * np.asarray(nodes) + (np.asarray(labels) == 1)
        self.path_starts = &starts[0]
        if labelled.shape[0]:
            self.path_nodes = &labelled[0]
        self.longest_path = np.max(lengths)
        self.references += [starts, labelled]
        return 0

    cdef int set_bags(
            self, int64_t words, float[:, ::1] ngram_vectors, const int64_t[::1] starts, const int32_t[::1] ids,
            const float[::1] locks) except -1:
        sizes = np.diff(starts)
        if starts.shape[0] != words + 1 or starts[0] != 0 or starts[words] != ids.shape[0] or np.min(sizes) < 0:
            raise ValueError("the bags and the vocabulary differ in size")
        if ngram_vectors.shape[1] != self.vector_size or not ngram_vectors.shape[0] or not locks.shape[0]:
            raise ValueError("the rows of n-grams and of words differ in size")
        if ids.shape[0] and (np.min(ids) < 0 or np.max(ids) >= ngram_vectors.shape[0]):
            raise ValueError("an n-gram lies outside the matrix")
        self.bag_starts = &starts[0]
        if ids.shape[0]:
            self.bag_ids = &ids[0]
        self.ngram_vectors = &ngram_vectors[0, 0]
        self.longest_bag = np.max(sizes) + 1
        self.ring_mask = 1
        while self.ring_mask < 2 * self.halo + max(self.max_centres, self.max_rows):
            self.ring_mask *= 2
        self.ring_mask -= 1
        if np.any(np.asarray(locks) != 1):
            self.ngram_locks = &locks[0]
        self.n_ngram_locks = locks.shape[0]
        self.references += [ngram_vectors, starts, ids, locks]
        return 0

    def __dealloc__(self):
        free_aligned(self.chunks)
        free_aligned(self.everybodys)

    @property
    def claimed_words(self):
        """Words up to which workers have claimed the corpus so far, including those not in the vocabulary."""
        cdef int64_t number = load(&self.claimed), k = self.n_chunks - 1
        if number >= self.n_stretches:
            return self.words
        while self.chunks[k].first_stretch > number:
            k -= 1
        return self.chunks[k].position + (number - self.chunks[k].first_stretch) * self.stretch

    @property
    def stretches(self):
        """How many pieces of work there are; more threads than that have nothing to do."""
        return self.n_stretches

    def stop(self):
        """Make every worker return after its present block."""
        store(&self.stopped, 1)
        self.decide(LEAVE)

    def pause(self):
        """Make every worker return once what it has claimed is trained: everything up to `claimed_words`, no more."""
        store(&self.paused, 1)

    def begin_at(self, int64_t position):
        """Let `work()` begin with the first stretch that begins at the word `position` or after it."""
        cdef int64_t number = self.n_stretches, k
        for k in range(self.n_chunks - 1, -1, -1):
            if position <= self.chunks[k].position:
                number = self.chunks[k].first_stretch
            elif position < self.chunks[k].position + self.chunks[k].starts[self.chunks[k].sentences]:
                number = self.chunks[k].first_stretch + (
                    position - self.chunks[k].position + self.stretch - 1) // self.stretch
        self.first_stretch = number
        store(&self.claimed, number)
        self.paused = self.ended = self.joined = self.arrived = 0
        if not self.stopped:
            self.deciders = self.decision = 0

    def work(self):
        """Train until nothing is left, or until `pause()` or `stop()`.

        Returns
        -------
        trained : int
            Words that were centres.
        loss : float
            With `compute_loss`: the sum over positive pairs of -log σ(x·o) - Σ log σ(-x·noise), and of
            -Σ log σ(±x·node) over paths; a pair's noise counts with its weight. Otherwise 0.
        pairs : int
            The positive pairs.
        """
        cdef Worker worker
        self.allocate(&worker)
        with nogil:
            if self.rounds:
                self.train_rounds(&worker)
            else:
                self.train_blocks(&worker)
                self.merge_all_hot(&worker)
        free_aligned(worker.memory)
        return worker.trained, worker.loss, worker.pairs

    cdef void train_blocks(self, Worker *w) noexcept nogil:
        cdef Block *block = self.next_block(w)
        cdef Block *following
        while block != NULL:
            # The rows of the block after this one are asked for while this one is trained.
            following = self.next_block(w)
            if following != NULL:
                self.look_ahead(block, following)
            if self.bag_starts != NULL:
                self.turn_over(w, block)
            if self.sg:
                kernels.train(&block.step)
            else:
                self.cbow(w, block)
            if self.compute_loss:
                w.loss += block.step.loss
            w.pairs += block.pairs
            block = following
        if self.bag_starts != NULL:
            self.scatter_until(w, w.last_bag)

    # Rounds.

    cdef void train_rounds(self, Worker *w) noexcept nogil:
        cdef int which
        if not self.join(w):
            return
        while not load(&self.ended):
            w.claimed = False
            self.train_blocks(w)
            for which in range(MATRICES):
                take_changes(&w.copies[which])
            self.meet(2 * w.round + 1)
            for which in range(MATRICES):
                merge(self.everybodys + which * self.workers, self.workers, w.number)
            w.round += 1
            if w.number == 0 and (
                    load(&self.paused) or load(&self.stopped) or self.stretch_of_round(w) >= self.n_stretches):
                store(&self.ended, 1)       # one decides for all
            self.meet(2 * w.round)
            for which in range(MATRICES):
                forget(&w.copies[which])

    cdef int64_t stretch_of_round(self, Worker *w) noexcept nogil:
        return self.first_stretch + w.round * self.workers + w.number

    cdef bint join(self, Worker *w) noexcept nogil:
        """Wait until all workers are here; False if they were stopped before. Nobody leaves thereafter."""
        cdef int which
        w.number = fetch_add(&self.joined, 1)
        if w.number >= self.workers:
            return False
        for which in range(MATRICES):
            self.everybodys[which * self.workers + w.number] = &w.copies[which]
        if w.number == self.workers - 1:
            self.decide(GO)
        while load(&self.decision) == 0:
            give_way()
        return load(&self.decision) == GO

    cdef void decide(self, int64_t decision) noexcept nogil:
        """The first decision stands: that all are here, or that they were stopped."""
        if fetch_add(&self.deciders, 1) == 0:
            store(&self.decision, decision)

    cdef void meet(self, int64_t time) noexcept nogil:
        """Wait until all workers are here for the time-th time."""
        cdef int64_t looks = 0
        fetch_add(&self.arrived, 1)
        while load(&self.arrived) < time * self.workers:
            looks += 1
            if looks > SPINS:
                give_way()

    cdef inline float *row(self, Worker *w, int which, int32_t id) noexcept nogil:
        """Where this worker trains a row."""
        cdef float *hot
        if self.rounds:
            return copy_of(&w.copies[which], id)
        hot = hot_row(&w.hot[which], id)
        return hot if hot != NULL else self.matrix(which) + id * self.vector_size

    cdef int64_t hot_rows(self, int which) noexcept nogil:
        """Of how many rows a worker has copies, if not in rounds."""
        cdef bint pays = which == NODES or self.sg and self.bag_starts == NULL
        return self.hot if pays and self.matrix(which) != NULL else 0

    cdef void merge_all_hot(self, Worker *w) noexcept nogil:
        cdef int which
        for which in range(MATRICES):
            merge_hot(&w.hot[which], self.workers)

    cdef inline float *matrix(self, int which) noexcept nogil:
        return self.vectors if which == VECTORS else self.output_vectors if which == OUTPUTS else self.node_vectors

    cdef int64_t most_rows(self, int which) noexcept nogil:
        """How many rows of a matrix a worker can meet in a stretch."""
        cdef int64_t tiles = (2 * self.halo + self.max_centres) // self.max_rows + 1 if self.sg else 1
        cdef int64_t blocks = (self.stretch // self.max_centres + 1) * tiles
        cdef int64_t rows
        if not self.rounds or self.matrix(which) == NULL:
            return 0
        if which == VECTORS:
            rows = self.stretch + 2 * self.halo
        elif which == OUTPUTS:
            rows = self.stretch + blocks * self.noise_words
        else:
            rows = self.stretch * self.longest_path
        return min(rows, self.vocabulary)

    def blocks(self):
        """The blocks as one worker would meet them, without training: for tests.

        Returns
        -------
        list of dict
            `outputs`: ids of m words, `positives` and `weights`: n × m, `alpha`, and `inputs`: for
            skip-gram the ids of n words, for CBOW n lists of the ids of a context. `tree` is whether the
            outputs are nodes.
        """
        cdef Worker worker
        cdef Block *b
        cdef Py_ssize_t n, m
        blocks = []
        self.allocate(&worker)
        while True:
            b = self.next_block(&worker)
            if b == NULL:
                break
            n, m = b.step.n, b.step.m
            blocks.append({
                "inputs": [b.inputs[i] if self.sg else context(b.stretch, b.centres[i]) for i in range(n)],
                "outputs": [b.outputs[j] for j in range(m)],
                "positives": np.array(<float[:n, :b.step.columns]>b.step.positives)[:, :m],
                "weights": np.array(<float[:n, :b.step.columns]>b.step.weights)[:, :m],
                "alpha": b.step.alpha,
                "tree": b.tree,
            })
        free_aligned(worker.memory)
        return blocks

    cdef int allocate(self, Worker *w) except -1:
        """Give the worker its memory: one piece, cut up twice, first to measure it."""
        # Each word or node is there once, and there is room for one more.
        cdef int64_t outputs = max(min(self.max_centres + self.noise_words, self.vocabulary + 1), self.longest_path)
        cdef int64_t inputs = max(self.max_rows, self.max_centres), d = self.vector_size
        cdef int64_t columns = (outputs + 7) // 8 * 8, pairs = inputs * columns, rows
        cdef int64_t ring = self.ring_mask + 1 if self.bag_starts != NULL else 0
        cdef int64_t ahead = AHEAD + self.longest_bag if self.bag_starts != NULL else 0
        cdef Copies *copies
        cdef HotRows *hot
        cdef int which
        cdef char *memory = NULL
        cdef Stretch *stretch
        cdef Block *block
        cdef Step *step
        memset(w, 0, sizeof(Worker))
        for _ in range(2):
            for k in range(2):
                stretch = &w.stretches[k]
                stretch.kept = <int32_t *>cut(&memory, (self.stretch + 2 * self.halo) * sizeof(int32_t))
                stretch.random = <uint64_t *>cut(&memory, DRAWS * sizeof(uint64_t))
                stretch.rows = <float **>cut(&memory, (self.stretch + 2 * self.halo) * sizeof(float *))
                # Indexed by centre, and the first centre is kept[halo].
                stretch.low = <int64_t *>cut(&memory, self.stretch * sizeof(int64_t)) - self.halo
                stretch.high = <int64_t *>cut(&memory, self.stretch * sizeof(int64_t)) - self.halo
                block = &w.blocks[k]
                block.centres = <int64_t *>cut(&memory, self.max_centres * sizeof(int64_t))
                block.inputs = <int32_t *>cut(&memory, inputs * sizeof(int32_t))
                block.outputs = <int32_t *>cut(&memory, outputs * sizeof(int32_t))
                step = &block.step
                step.d, step.replace, step.measure = d, not self.sg, self.compute_loss
                step.far = self.bag_starts != NULL
                step.inputs = <float **>cut(&memory, inputs * sizeof(float *))
                step.outputs = <float **>cut(&memory, outputs * sizeof(float *))
                step.positives = <float *>cut(&memory, pairs * sizeof(float))
                step.weights = <float *>cut(&memory, pairs * sizeof(float))
                step.scales = <float *>cut(&memory, inputs * sizeof(float))
                step.ahead = <float **>cut(&memory, (inputs + outputs + ahead) * sizeof(float *))
            step.gradient = w.blocks[0].step.gradient = <float *>cut(&memory, pairs * sizeof(float))
            step.change = w.blocks[0].step.change = <float *>cut(&memory, inputs * LANES * sizeof(float))
            step.copies = w.blocks[0].step.copies = <float *>cut(&memory, 2 * (inputs + outputs) * d * sizeof(float))
            for which in range(MATRICES):
                copies = &w.copies[which]
                rows = self.most_rows(which)
                copies.places = <int32_t *>cut(&memory, (self.vocabulary if rows else 0) * sizeof(int32_t))
                copies.ids = <int32_t *>cut(&memory, rows * sizeof(int32_t))
                copies.uses = <int32_t *>cut(&memory, rows * sizeof(int32_t))
                copies.rows = <float *>cut(&memory, rows * d * sizeof(float))
                hot = &w.hot[which]
                hot.n, hot.d = self.hot_rows(which), d
                # The nodes are numbered up to the root, which is vocabulary - 2.
                hot.first = self.vocabulary - 1 - hot.n if which == NODES else 0
                hot.shared = self.matrix(which) + hot.first * d if hot.n else NULL
                hot.rows = <float *>cut(&memory, 2 * hot.n * d * sizeof(float))
                hot.before = hot.rows + hot.n * d
                hot.uses = <int32_t *>cut(&memory, hot.n * sizeof(int32_t))
            w.places = <int64_t *>cut(&memory, inputs * sizeof(int64_t))
            w.columns = <int64_t *>cut(&memory, self.max_centres * sizeof(int64_t))
            w.uses = <float *>cut(&memory, inputs * sizeof(float))
            w.noise = <float *>cut(&memory, columns * sizeof(float))
            w.labels = <float *>cut(&memory, columns * sizeof(float))
            w.hidden = <float *>cut(&memory, self.max_centres * d * sizeof(float))
            w.context = <float **>cut(&memory, 2 * self.halo * sizeof(float *))
            w.locks = <float *>cut(&memory, 2 * self.halo * sizeof(float))
            w.ring = <float *>cut(&memory, ring * 2 * d * sizeof(float))
            w.bag = <float **>cut(&memory, self.longest_bag * sizeof(float *))
            w.bag_locks = <float *>cut(&memory, self.longest_bag * sizeof(float))
            if w.memory == NULL:
                w.memory = allocate_aligned(<size_t>memory)
                if w.memory == NULL:
                    raise MemoryError(f"no memory for a worker ({<size_t>memory} bytes)")
                memory = <char *>w.memory
        for which in range(MATRICES):
            if self.most_rows(which):
                prepare(&w.copies[which], self.matrix(which), self.vocabulary, d)
            memset(w.hot[which].rows, 0, 2 * w.hot[which].n * d * sizeof(float))
            memset(w.hot[which].uses, 0, w.hot[which].n * sizeof(int32_t))
        for k in range(2):
            if self.sg and (self.locks == NULL or self.bag_starts != NULL) or not self.sg and not self.divide_gradient:
                w.blocks[k].step.scales = NULL
        return 0

    # The walk.

    cdef Block *next_block(self, Worker *w) noexcept nogil:
        """Build a block and ask for its rows; NULL when nothing is left or the epoch was stopped."""
        cdef Stretch *stretch = &w.stretches[w.which_stretch]
        cdef Block *block = &w.blocks[w.which_block]
        cdef bint built
        cdef int64_t first
        block.stretch = stretch
        while not load(&self.stopped):
            if w.row < w.last_row:
                block.tree = w.tree
                block.row = w.row
                block.last_row = min(w.row + self.max_rows, w.last_row) if self.sg else w.last_row
                w.row = block.last_row
                built = self.build_skip_gram(w, block) if self.sg else self.build_cbow(w, block)
            elif w.to_tree < w.last_centre:
                self.take_centres(w, stretch, w.to_tree, w.to_tree + 1, True)
                w.to_tree += 1
                continue
            elif w.last_centre < stretch.end:
                first = w.last_centre
                w.last_centre = min(first + self.max_centres, stretch.end)
                w.to_tree = first if self.node_vectors != NULL else w.last_centre
                if self.output_vectors != NULL:
                    self.take_centres(w, stretch, first, w.last_centre, False)
                continue
            else:
                # A block of this stretch may still wait to be trained; the other one is free.
                if w.waits:
                    w.which_stretch = 1 - w.which_stretch
                    w.waits = False
                block.stretch = stretch = &w.stretches[w.which_stretch]
                if w.gathered == stretch:
                    self.scatter_until(w, w.last_bag)
                    w.gathered = NULL
                self.merge_all_hot(w)       # before the next stretch's rows are counted as used
                if not self.next_stretch(w, stretch):
                    return NULL
                w.to_tree = w.last_centre = stretch.first
                w.trained += stretch.end - stretch.first
                continue
            if built:
                w.which_block = 1 - w.which_block
                w.waits = True
                block.oldest = w.first - self.halo
                block.step.alpha = stretch.alpha
                block.step.loss = 0
                return block
        return NULL

    cdef void take_centres(self, Worker *w, Stretch *s, int64_t first, int64_t end, bint tree) noexcept nogil:
        """Go on with these centres."""
        cdef int64_t c
        w.first, w.end, w.tree = first, end, tree
        w.row, w.last_row = s.low[first], s.high[first]
        for c in range(first + 1, end):
            w.row = min(w.row, s.low[c])
            w.last_row = max(w.last_row, s.high[c])

    cdef void look_ahead(self, Block *block, Block *following) noexcept nogil:
        """While `block` is trained, ask for the rows of `following` that were not asked for yet."""
        cdef Step *s = &block.step
        cdef Stretch *stretch = following.stretch
        cdef int64_t i, first = max(following.row, stretch.asked)
        cdef int64_t last = min(following.last_row, first + self.max_rows)
        s.coming = following.step.m
        memcpy(s.ahead, following.step.outputs, s.coming * sizeof(float *))
        for i in range(first, last):
            if self.bag_starts == NULL:
                s.ahead[s.coming] = stretch.rows[i]
                s.coming += 1
            elif s.coming < AHEAD:
                s.coming += self.point_to_bag(stretch.kept[i], s.ahead + s.coming)
        stretch.asked = max(stretch.asked, last)

    cdef int64_t claim(self, Worker *w) noexcept nogil:
        """The number of the stretch that this worker trains next; too high a number if there is none."""
        if not self.rounds and not load(&self.paused):
            return fetch_add(&self.claimed, 1)
        if self.rounds and not w.claimed:
            w.claimed = True
            fetch_add(&self.claimed, 1)
            return self.stretch_of_round(w)
        return self.n_stretches

    cdef bint next_stretch(self, Worker *w, Stretch *s) noexcept nogil:
        """Claim the next stretch of the corpus; keep or drop its words and draw their windows."""
        cdef int64_t number = self.claim(w), k = 0
        s.first = s.end = 0
        if number >= self.n_stretches:
            return False
        while k + 1 < self.n_chunks and self.chunks[k + 1].first_stretch <= number:
            k += 1
        cdef Chunk *chunk = &self.chunks[k]
        cdef int64_t begin = (number - chunk.first_stretch) * self.stretch
        cdef int64_t end = min(begin + self.stretch, chunk.starts[chunk.sentences])
        cdef int64_t sentence = sentence_at(chunk, begin), sentence_first = self.halo, p = begin
        cdef double share = <double>(chunk.position + begin) / self.words
        s.alpha = <float>(self.start_alpha + (self.end_alpha - self.start_alpha) * share)
        s.noise_key = mix(self.key + <uint64_t>(self.first_position + chunk.position + begin) + 1)
        s.drawn = 0
        if self.output_vectors != NULL:
            for k in range(DRAWS):
                s.random[k] = self.coming_noise(s, k)
        s.first = s.end = self.halo
        s.asked = 0
        # Words before the stretch that windows reach back to, from the nearest on.
        while sentence_first > 0 and p > chunk.starts[sentence]:
            p -= 1
            if self.is_kept(chunk, p):
                sentence_first -= 1
                self.keep_word(w, s, sentence_first, chunk.ids[p])
        s.oldest = sentence_first
        p = begin
        while p < end:
            self.walk_sentence(w, s, chunk, p, end, chunk.starts[sentence + 1], sentence_first)
            sentence += 1
            p = chunk.starts[sentence]
            sentence_first = s.end
        return True

    cdef void walk_sentence(
            self, Worker *w, Stretch *s, Chunk *chunk, int64_t begin, int64_t end, int64_t sentence_end,
            int64_t sentence_first) noexcept nogil:
        """Append the centres among ids[begin:end], up to the end of the sentence, and their windows."""
        cdef int64_t p, c, n = s.end, last, reach
        for p in range(begin, min(end, sentence_end)):
            # Written whether it is kept or not, which no processor can predict; the next word takes its place.
            s.kept[n] = chunk.ids[p]
            reach = self.window
            if self.shrink_windows:
                reach = 1 + below(<uint32_t>(self.random_of(chunk, p) >> 32), <uint32_t>reach)
            s.low[n] = max(n - reach, sentence_first)
            s.high[n] = n + reach + 1
            n += self.is_kept(chunk, p)
        # Words after the stretch that windows reach forward to.
        last = n
        for p in range(end, sentence_end):
            if last == n + self.halo:
                break
            if self.is_kept(chunk, p):
                self.keep_word(w, s, last, chunk.ids[p])
                last += 1
        for c in range(s.end, n):
            self.keep_word(w, s, c, s.kept[c])
            s.high[c] = min(s.high[c], last)
        s.end = n

    cdef inline void keep_word(self, Worker *w, Stretch *s, int64_t place, int32_t id) noexcept nogil:
        s.kept[place] = id
        if self.bag_starts != NULL:
            s.rows[place] = w.ring + (place & self.ring_mask) * 2 * self.vector_size
            WILL_READ(self.bag_ids + self.bag_starts[id])
        else:
            s.rows[place] = self.row(w, VECTORS, id)

    cdef inline uint64_t random_of(self, Chunk *chunk, int64_t p) noexcept nogil:
        return random_at(self.key, <uint64_t>(self.first_position + chunk.position + p))

    cdef inline bint is_kept(self, Chunk *chunk, int64_t p) noexcept nogil:
        cdef int32_t id = chunk.ids[p]
        return (id >= 0) & (<uint32_t>self.random_of(chunk, p) <= self.keep[max(id, 0)])

    # Blocks.

    cdef void add_outputs(self, Worker *w, Block *b, int64_t centres) noexcept nogil:
        """Make the first of `b.centres` and noise, or the nodes on the way to the only one, the outputs."""
        cdef Step *s = &b.step
        if b.tree:
            self.add_way(w, b)
        else:
            self.add_words(w, b, centres)
        s.columns = (s.m + 7) // 8 * 8
        memset(w.noise + s.m, 0, (s.columns - s.m) * sizeof(float))
        if b.tree:
            memset(w.labels + s.m, 0, (s.columns - s.m) * sizeof(float))
        else:
            memset(s.positives, 0, s.n * s.columns * sizeof(float))

    cdef void add_words(self, Worker *w, Block *b, int64_t centres) noexcept nogil:
        """Centres and noise, each word once; how much each counts as noise."""
        cdef Step *s = &b.step
        cdef int64_t k, j
        cdef float weight = <float>self.negative / <float>self.noise_words
        s.m = 0
        for k in range(centres):
            w.columns[k] = place_of(b.stretch.kept[b.centres[k]], b.outputs, &s.m)
        memset(w.noise, 0, s.m * sizeof(float))
        for _ in range(self.noise_words):
            w.noise[s.m] = 0        # in case that it is a new one
            w.noise[place_of(self.next_noise(b.stretch), b.outputs, &s.m)] += weight
        for j in range(s.m):
            s.outputs[j] = self.row(w, OUTPUTS, b.outputs[j])

    cdef void add_way(self, Worker *w, Block *b) noexcept nogil:
        """The nodes on the way to the only centre, and their labels."""
        cdef Step *s = &b.step
        cdef int64_t j, c = b.centres[0]
        cdef int32_t word = b.stretch.kept[c]
        cdef const int32_t *way = self.path_nodes + self.path_starts[word]
        self.ask_for_ways(b.stretch, c)
        s.m = self.path_starts[word + 1] - self.path_starts[word]
        for j in range(s.m):
            b.outputs[j] = way[j] >> 1
            s.outputs[j] = self.row(w, NODES, b.outputs[j])
            w.labels[j] = <float>(way[j] & 1)
            w.noise[j] = 1

    cdef inline void ask_for_ways(self, Stretch *s, int64_t c) noexcept nogil:
        """Ask for the way to a later centre, and for where that to a still later one begins."""
        cdef const int64_t *starts = self.path_starts + s.kept[min(c + WAYS, s.end - 1)]
        WILL_READ(self.path_nodes + starts[0])
        WILL_READ(self.path_nodes + starts[1])
        WILL_READ(self.path_starts + s.kept[min(c + 2 * WAYS, s.end - 1)])

    cdef inline void add_pair(self, Worker *w, Block *b, int64_t place, int64_t k) noexcept nogil:
        """Input `place` meets the k-th centre."""
        w.uses[place] += 1
        if not b.tree:
            b.step.positives[place * b.step.columns + w.columns[k]] += 1

    cdef inline int32_t next_noise(self, Stretch *s) noexcept nogil:
        """Draw a word by a random number that was made, and whose memory was asked for, DRAWS words ago."""
        cdef uint64_t *place = &s.random[s.drawn % <uint64_t>DRAWS]
        cdef int32_t word = draw(self.noise, place[0])
        place[0] = self.coming_noise(s, s.drawn + <uint64_t>DRAWS)
        s.drawn += 1
        return word

    cdef inline uint64_t coming_noise(self, Stretch *s, uint64_t k) noexcept nogil:
        """The random number of the stretch's k-th noise word; its memory is asked for."""
        cdef uint64_t random = random_at(s.noise_key, k)
        will_draw(self.noise, random)
        return random

    cdef bint build_skip_gram(self, Worker *w, Block *b) noexcept nogil:
        """The context words meet those centres whose windows they are in, and noise."""
        cdef Stretch *s = b.stretch
        cdef int64_t c, i, k, low, high, centres = 0
        b.pairs = 0
        for c in range(w.first, w.end):
            low, high = max(s.low[c], b.row), min(s.high[c], b.last_row)
            if high - low > (low <= c < high):
                b.centres[centres] = c
                centres += 1
                b.pairs += high - low - (low <= c < high)
        if centres == 0:
            return False
        self.add_inputs(w, b, w.first if w.end - w.first == 1 else -1)
        self.add_outputs(w, b, centres)
        for k in range(centres):
            c = b.centres[k]
            for i in range(max(s.low[c], b.row), min(s.high[c], b.last_row)):
                if i != c:
                    self.add_pair(w, b, w.places[i - b.row], k)
        return self.weigh_noise(w, b)

    cdef bint weigh_noise(self, Worker *w, Block *b) noexcept nogil:
        """Every pair that an input is in meets the noise, but no pair its own centre as noise. This ends the block.

        So it is with the nodes: all count as noise, but for those with the label 1.
        """
        cdef Step *s = &b.step
        cdef float *positives = s.positives
        cdef float *weights = s.weights
        cdef int64_t i, j
        if b.tree and self.output_vectors != NULL:
            b.pairs = 0             # they were counted when they met words
        for i in range(s.n):
            if b.tree:
                for j in range(s.columns):
                    positives[j] = w.uses[i] * w.labels[j]
            for j in range(s.columns):
                weights[j] = positives[j] + (w.uses[i] - positives[j]) * w.noise[j]
            positives += s.columns
            weights += s.columns
        return s.m > 0

    cdef void add_inputs(self, Worker *w, Block *b, int64_t alone) noexcept nogil:
        """Make kept[row:last_row], each word once, the inputs; but not kept[alone], the only centre."""
        cdef Stretch *s = b.stretch
        cdef Step *step = &b.step
        cdef int64_t i, place
        step.n = 0
        for i in range(b.row, b.last_row):
            if i == alone:
                continue
            place = place_of(s.kept[i], b.inputs, &step.n)
            w.places[i - b.row] = place
            w.uses[place] = 0
            step.inputs[place] = s.rows[i]
            if step.scales != NULL:
                step.scales[place] = self.lock(s.kept[i])

    cdef inline float lock(self, int32_t id) noexcept nogil:
        return self.locks[id % self.n_locks]

    cdef bint build_cbow(self, Worker *w, Block *b) noexcept nogil:
        """The context of each centre, as one row, meets the centre and noise."""
        cdef Stretch *s = b.stretch
        cdef Step *step = &b.step
        cdef int64_t c, k
        step.n = 0
        for c in range(w.first, w.end):
            if s.high[c] - s.low[c] > 1:
                b.centres[step.n] = c
                step.n += 1
        if step.n == 0:
            return False
        b.pairs = step.n
        self.add_outputs(w, b, step.n)
        for k in range(step.n):
            w.uses[k] = 0
            self.add_pair(w, b, k, k)
        return self.weigh_noise(w, b)

    # Bags around the step.

    cdef void turn_over(self, Worker *w, Block *b) noexcept nogil:
        """Scatter the bags that no block will need any more, and gather those that this one needs."""
        cdef int64_t oldest = max(b.oldest, b.stretch.oldest) if self.lasting else b.row
        if w.gathered != b.stretch or not self.lasting:
            self.scatter_until(w, w.last_bag)
            w.gathered = b.stretch
            w.first_bag = w.last_bag = oldest
        else:
            self.scatter_until(w, min(oldest, w.last_bag))
            w.first_bag = oldest
            w.last_bag = max(oldest, w.last_bag)
        while w.last_bag < b.last_row:
            self.gather_bag(w, b.stretch, w.last_bag)
            w.last_bag += 1

    cdef void scatter_until(self, Worker *w, int64_t end) noexcept nogil:
        while w.first_bag < end:
            self.scatter_bag(w, w.gathered, w.first_bag)
            w.first_bag += 1

    cdef void gather_bag(self, Worker *w, Stretch *s, int64_t place) noexcept nogil:
        """The mean of the rows in skip-gram, their sum in CBOW, which pools the rows of several bags."""
        cdef Py_ssize_t d = self.vector_size
        cdef int64_t n = self.point_to_bag(s.kept[place], w.bag)
        kernels.sum_rows(s.rows[place], w.bag, n, d, <float>1 / <float>n if self.sg else 1)
        memcpy(s.rows[place] + d, s.rows[place], d * sizeof(float))

    cdef void scatter_bag(self, Worker *w, Stretch *s, int64_t place) noexcept nogil:
        """Add to each row as much as the mean has changed."""
        cdef Py_ssize_t d = self.vector_size, k
        cdef int64_t n = self.point_to_bag(s.kept[place], w.bag)
        cdef float *row = s.rows[place]
        cdef float scale = 1 if self.sg else <float>1 / <float>n
        cdef bint locked = self.locks != NULL or self.ngram_locks != NULL
        for k in range(d):
            row[k] = scale * (row[k] - row[k + d])
        if locked:
            self.lock_bag(w, s.kept[place], n)
        kernels.add_to_rows(w.bag, n, d, row, w.bag_locks if locked else NULL)

    cdef void lock_bag(self, Worker *w, int32_t id, int64_t n) noexcept nogil:
        cdef const int32_t *ngrams = self.bag_ids + self.bag_starts[id]
        cdef int64_t k
        w.bag_locks[0] = self.lock(id) if self.locks != NULL else 1
        for k in range(n - 1):
            w.bag_locks[k + 1] = self.ngram_locks[ngrams[k] % self.n_ngram_locks] if self.ngram_locks != NULL else 1

    cdef inline int64_t point_to_bag(self, int32_t id, float **rows) noexcept nogil:
        """Point to the row of a word and those of its n-grams; their number."""
        cdef const int32_t *ngrams = self.bag_ids + self.bag_starts[id]
        cdef int64_t k, n = self.bag_size(id)
        rows[0] = self.vectors + id * self.vector_size
        for k in range(n - 1):
            rows[k + 1] = self.ngram_vectors + ngrams[k] * self.vector_size
        return n

    cdef inline int64_t bag_size(self, int32_t id) noexcept nogil:
        return 1 + self.bag_starts[id + 1] - self.bag_starts[id]

    # CBOW around the step.

    cdef void cbow(self, Worker *w, Block *b) noexcept nogil:
        """Pool the contexts, train, and add the change of each pool to the rows of its context."""
        cdef Step *s = &b.step
        cdef Py_ssize_t d = self.vector_size
        cdef int64_t k, n, rows
        cdef bint weighted = self.locks != NULL or self.bag_starts != NULL
        for k in range(s.n):
            n = self.gather_context(w, b.stretch, b.centres[k], &rows)
            s.inputs[k] = w.hidden + k * d
            kernels.sum_rows(s.inputs[k], w.context, n, d, <float>1 / <float>rows if self.cbow_mean else 1)
            if s.scales != NULL:
                s.scales[k] = <float>1 / <float>rows
        kernels.train(s)
        for k in range(s.n):
            n = self.gather_context(w, b.stretch, b.centres[k], &rows)
            kernels.add_to_rows(w.context, n, d, s.inputs[k], w.locks if weighted else NULL)

    cdef int64_t gather_context(self, Worker *w, Stretch *s, int64_t centre, int64_t *rows) noexcept nogil:
        """Point to the vectors in the window of a centre; their number, and how many rows they are the sums of."""
        cdef int64_t i, n = 0
        rows[0] = 0
        for i in range(s.low[centre], s.high[centre]):
            if i == centre:
                continue
            w.context[n] = s.rows[i]
            if self.bag_starts != NULL:     # a sum changes as often as it has rows; they are locked one by one
                w.locks[n] = <float>self.bag_size(s.kept[i])
                rows[0] += self.bag_size(s.kept[i])
            elif self.locks != NULL:
                w.locks[n] = self.lock(s.kept[i])
            n += 1
        if self.bag_starts == NULL:
            rows[0] = n
        return n


cdef int64_t place_of(int32_t id, int32_t *ids, Py_ssize_t *n) noexcept nogil:
    """Where `id` stands among n ids, to which it is added if need be."""
    cdef int64_t k
    for k in range(n[0]):
        if ids[k] == id:
            return k
    ids[n[0]] = id
    n[0] += 1
    return n[0] - 1


cdef list context(Stretch *s, int64_t centre):
    """The words in the window of a centre."""
    return [s.kept[i] for i in range(s.low[centre], s.high[centre]) if i != centre]


cdef void *cut(char **memory, int64_t size) noexcept nogil:
    """The next `size` bytes, and move on to a multiple of 64."""
    cdef char *piece = memory[0]
    memory[0] += (size + 63) // 64 * 64
    return piece


cdef int64_t sentence_at(Chunk *chunk, int64_t position) noexcept nogil:
    """The sentence that the word at `position` is in: the last one that begins at or before it."""
    cdef int64_t low = 0, high = chunk.sentences, middle
    while high - low > 1:
        middle = (low + high) // 2
        if chunk.starts[middle] <= position:
            low = middle
        else:
            high = middle
    return low
