"""One pass of worker threads over an encoded corpus."""

import numpy as np

cimport cython
from fastemb.kernels.sgd cimport specs
from fastemb.kernels.sgd.bags cimport plan_bags
from fastemb.kernels.sgd.cbow cimport plan_cbow
from fastemb.kernels.sgd.chunks cimport Chunks
from fastemb.kernels.sgd.copies cimport plan_copies
from fastemb.kernels.sgd.corpus cimport span_from, words_before
from fastemb.kernels.sgd.dbow cimport plan_dbow, plan_words_of_dbow
from fastemb.kernels.sgd.dm cimport plan_dm, plan_dm_concat
from fastemb.kernels.sgd.documents cimport plan_words_of_documents
from fastemb.kernels.sgd.documentspecs cimport Dbow, Dm, DmConcat, Documents
from fastemb.kernels.sgd.labels cimport plan_labels
from fastemb.kernels.sgd.negatives cimport plan_negatives
from fastemb.kernels.sgd.pairs cimport plan_pairs
from fastemb.kernels.sgd.replicas cimport Replicas
from fastemb.kernels.sgd.rows cimport plan_rows
from fastemb.kernels.sgd.shards cimport BATCH, pays, plan_shards
from fastemb.kernels.sgd.shown cimport context_of, deltas_of
from fastemb.kernels.sgd.skipgram cimport plan_skipgram
from fastemb.kernels.sgd.team cimport Team, begin_at, load, stop, store
from fastemb.kernels.sgd.texts cimport end_of_ids, plan_texts, plan_words_of_texts
from fastemb.kernels.sgd.training cimport (
    advance, begin_worker, merge_all, train_rounds, train_spans, train_together)
from fastemb.kernels.sgd.tree cimport plan_tree
from fastemb.kernels.sgd.worker cimport (
    MATRICES, OBJECTIVES, Batch, Objective, Plan, Worker, add_matrix, unless_one)
from fastemb.kernels.step cimport kernels
from libc.stdint cimport INT32_MAX, INT64_MAX, int64_t, uint64_t
from libc.string cimport memset

cdef extern from "platform.h":
    void *allocate_aligned(size_t size) noexcept nogil
    void free_aligned(void *memory) noexcept nogil

cdef extern from "hash.h":
    uint64_t mix(uint64_t x) noexcept nogil

cdef enum:
    SPAN = 4096         # tokens that a worker claims at a time; the learning rate is renewed at each
    ROUND = 1024        # tokens of all workers in a round, if they train in rounds
    LEAST = 32          # tokens of one worker in a round
    TEXTS = 32          # texts of all workers, after which the copies of the rows of labels are merged


@cython.final
cdef class Epoch:
    """One pass of all workers over an encoded corpus, or a part of it.

    `workers` threads must call `work()` at once, which returns when nothing is left to claim. The arrays must not be
    resized meanwhile. Workers share the matrices without locks (Recht et al. 2011), but for the rows that all would
    write to all the time: if there is much to do, each trains copies of these and merges them after each span. They
    are the last nodes, which should be the top of the tree, and in skip-gram of single rows the first rows of the
    other matrices, which should be those of the most frequent words. Long texts that have few labels are trained by all
    workers together, each the rows that it owns; see `shards`.

    Parameters
    ----------
    chunks : list of (ids, starts), or of (ids, starts, tags), or Chunks
        Chunks: the `chunks` of another epoch of the same corpus, sides and team, which need not be checked again.
        `ids`, int32 of shape (words,): rows of the matrices, or -1 for a word to pass over.
        `starts`, int64 of shape (sentences + 1,): where sentences begin, and the last one ends.
        `tags`, a tuple of the same of the rows of the tags of each document.
    inputs : SkipGram, Cbow, Texts, Dbow, Dm or DmConcat
    objectives : list of Negatives, Tree; of texts, also Labels
        Each centre meets one after the other. A centre is a word, or a text, whose label is drawn.
    sampling : Sampling
    rates : (float, float)
        The learning rate at the first and last word; between them it is linear.
    team : specs.Team
    measure : bool, default False
        Add up the loss.
    whole_texts : bool, default False
        Workers claim whole sentences, and not pieces of the corpus wherever they end; as they do of texts in any case.

    Attributes
    ----------
    words : int
        Of the corpus, including those not in the vocabulary.
    chunks : Chunks
        The corpus, cut into spans.
    """

    cdef readonly Chunks chunks
    cdef Plan plan
    cdef Plan together      # of workers who train each text together, where that pays
    cdef void *sums         # of the rows of texts that each of them owns
    cdef Team team
    cdef list references    # to arrays whose addresses are in the plan

    def __cinit__(
            self, chunks, specs.Inputs inputs, objectives, specs.Sampling sampling, rates,
            specs.Team team, bint measure=False, bint whole_texts=False):
        cdef Plan *plan = &self.plan
        self.references = [inputs, objectives, sampling]
        plan.measure, (plan.start_alpha, plan.end_alpha) = measure, rates
        self.team.rounds = team.rounds and team.workers > 1
        span = max(LEAST, ROUND // team.workers) if self.team.rounds else SPAN
        texts = INT64_MAX if whole_texts or isinstance(inputs, specs.Texts) else 0
        if isinstance(inputs, specs.Texts) and team.workers > 1 and not team.rounds:
            texts = max(BATCH, TEXTS // team.workers)
        tags = 0
        if isinstance(inputs, Documents):
            tags = (<Documents>inputs).tags.vectors.shape[0]
        limits = end_of_ids(inputs), span, texts, tags
        self.chunks = chunks if isinstance(chunks, Chunks) else Chunks(chunks, *limits)
        self.chunks.check(limits)
        plan.corpus = self.chunks.corpus
        self.team.n_spans = plan.corpus.n_spans
        self.team.workers = max(1, min(team.workers, self.team.n_spans))
        self.set_inputs(inputs, sampling)
        if not objectives:
            raise ValueError("there must be an objective: negative sampling or a tree")
        for objective in objectives:
            self.add_objective(objective)
        self.set_words(inputs)
        self.set_replicas(team.workers)
        self.team.patient, self.team.together = team.patient, pays(&self.plan, &self.team)
        if self.team.together:
            self.chunks.prepare_order(self.team.workers)
            plan.corpus.ends = self.chunks.corpus.ends
            self.together = self.plan
            self.sums = plan_shards(&self.together, self.team.workers, &self.chunks.ordered)

    cdef int set_inputs(self, specs.Inputs inputs, specs.Sampling sampling) except -1:
        cdef Plan *plan = &self.plan
        cdef specs.Rows words = inputs.words
        cdef Py_ssize_t vocabulary = words.vectors.shape[0]
        if not isinstance(inputs, specs.Texts) and (sampling.keep is None or sampling.keep.shape[0] != vocabulary):
            raise ValueError("the matrices and the tables of the vocabulary differ in size")
        if sampling.keep is not None:
            plan.sampling.keep = &sampling.keep[0]
        plan.sampling.key = mix(sampling.seed)
        plan.sampling.first_position = sampling.first_position
        plan.sampling.window = min(sampling.window, INT32_MAX)
        plan.sampling.shrink = sampling.shrink_windows
        plan.sampling.halo = min(plan.sampling.window, plan.corpus.longest)
        plan.words.vectors = plan.matrices[add_matrix(plan, words.vectors)].shared
        plan.words.vocabulary, plan.words.d = vocabulary, words.vectors.shape[1]
        plan.inputs.d = plan.words.d
        plan.words.locks, plan.words.n_locks = unless_one(words.locks), words.locks.shape[0]
        if isinstance(inputs, specs.SkipGram):
            plan_skipgram(plan, inputs)
        elif isinstance(inputs, specs.Texts):
            plan_texts(plan, inputs)
        elif isinstance(inputs, Dbow):
            plan_dbow(plan, inputs)
        elif isinstance(inputs, Dm):
            plan_dm(plan, inputs)
        elif isinstance(inputs, DmConcat):
            plan_dm_concat(plan, inputs)
        else:
            plan_cbow(plan, inputs)
        return plan_pairs(plan, inputs, sampling)

    cdef int add_objective(self, specs.Objective given) except -1:
        cdef Plan *plan = &self.plan
        cdef Objective *o = &plan.objectives[plan.n_objectives]
        if given is None or plan.n_objectives == OBJECTIVES:
            raise ValueError(f"there may be {OBJECTIVES} objectives, and none of them None")
        rows = plan.corpus.targets.n_labels if plan.inputs.texts else plan.words.vocabulary
        if given.vectors.shape[0] != rows or given.vectors.shape[1] != plan.inputs.d:
            raise ValueError("the input and output matrices differ in shape")
        o.step = kernels.train
        o.matrix = add_matrix(plan, given.vectors)
        o.counts = plan.n_objectives == 0
        if isinstance(given, specs.Negatives):
            plan_negatives(plan, o, given)
        elif isinstance(given, specs.Labels):
            if not plan.inputs.texts:
                raise ValueError("only texts have labels")
            plan_labels(plan, o, given)
        else:
            plan_tree(plan, o, given)
        plan.most_centres = max(plan.most_centres, o.most_centres)
        plan.most_outputs = max(plan.most_outputs, o.most_outputs)
        plan.n_objectives += 1
        return 0

    cdef int set_words(self, specs.Inputs inputs) except -1:
        if isinstance(inputs.words, specs.Bags):
            if self.team.rounds:
                raise ValueError("bags of rows cannot be trained in rounds")
            plan_bags(&self.plan, inputs.words)
        else:
            plan_rows(&self.plan, inputs.words)
        if isinstance(inputs, specs.Texts):
            plan_words_of_texts(&self.plan, inputs.words)
        elif isinstance(inputs, Dbow):
            plan_words_of_dbow(&self.plan, inputs)
        elif isinstance(inputs, Documents):
            plan_words_of_documents(&self.plan)
        if not self.plan.inputs.pooled:
            self.plan.inputs.scaled = self.plan.words.weights
        return 0

    cdef int set_replicas(self, int64_t workers) except -1:
        cdef Plan *plan = &self.plan
        if self.team.rounds:
            plan.everybodys = <Replicas **>allocate_aligned(MATRICES * self.team.workers * sizeof(Replicas *))
            if plan.everybodys == NULL:
                raise MemoryError("no memory for a team of workers")
        plan_copies(plan, &self.team, workers)
        if plan.inputs.matrix and plan.matrices[plan.inputs.matrix].rows < 2 * plan.sampling.halo:
            raise ValueError(f"there must be weights for {plan.sampling.halo} offsets to each side")
        return 0

    def __dealloc__(self):
        free_aligned(self.plan.everybodys)
        free_aligned(self.sums)

    @property
    def words(self):
        return self.plan.corpus.words

    @property
    def workers(self):
        """So many threads must call `work()` at once; more would have nothing to do."""
        return self.team.workers

    @property
    def spans(self):
        """How many pieces of work there are."""
        return self.team.n_spans

    @property
    def claimed_words(self):
        """Words up to which workers have claimed the corpus so far, including those not in the vocabulary."""
        return words_before(&self.plan.corpus, load(&self.team.claimed))

    def stop(self):
        """Make every worker return after its present batch; or what is claimed, where all train texts together."""
        stop(&self.team)

    def pause(self):
        """Make every worker return once what it has claimed is trained: everything up to `claimed_words`, no more."""
        store(&self.team.paused, 1)

    def begin_at(self, int64_t position):
        """Let `work()` begin with the first span that begins at the word `position` or after it."""
        begin_at(&self.team, span_from(&self.plan.corpus, position))

    def work(self):
        """Train until nothing is left, or until `pause()` or `stop()`.

        Returns
        -------
        trained : int
            Words, or texts, that were centres.
        loss : float
            With `measure`: the sum over positive pairs of -log σ(x·o) - Σ log σ(-x·noise), and of
            -Σ log σ(±x·node) over paths; a pair's noise counts with its weight. Of texts and all labels, -log of the
            softmax at the label, or -Σ log σ(±x·label), with their weights. Otherwise 0.
        pairs : int
            The positive pairs, or texts.
        """
        cdef Worker worker
        cdef bint left
        first = 0, 0.0, 0
        if self.team.together:
            begin_worker(&worker, &self.together, &self.team)
            with nogil:
                left = train_together(&worker)
            free_aligned(worker.arena.memory)
            first = worker.trained, worker.loss, worker.pairs
            if not left:
                return first
        begin_worker(&worker, &self.plan, &self.team)
        with nogil:
            if self.team.rounds:
                train_rounds(&worker)
            else:
                train_spans(&worker)
                merge_all(&worker)
        free_aligned(worker.arena.memory)
        return worker.trained + first[0], worker.loss + first[1], worker.pairs + first[2]

    def deltas(self, int64_t begin, int64_t end):
        """Train a range of the corpus apart, and leave the matrices as they are.

        Parameters
        ----------
        begin, end : int
            Words of the corpus: the spans are trained that begin at one of them, from `begin` to before `end`.

        Returns
        -------
        list of (ids, deltas, uses)
            For each matrix (of inputs, of each objective, and of position weights): the rows that were met, int32; what
            is to be added to each, float32 of shape (rows, vector_size); and how often each was asked for, int32.

        Raises
        ------
        ValueError
            If words are bags of rows.
        """
        cdef Worker worker
        cdef Team team
        if not self.plan.words.single:
            raise ValueError("bags of rows cannot be trained apart")
        memset(&team, 0, sizeof(Team))
        team.workers, team.n_spans = 1, span_from(&self.plan.corpus, end)
        begin_at(&team, span_from(&self.plan.corpus, begin))
        begin_worker(&worker, &self.plan, &team, True)
        try:
            with nogil:
                train_spans(&worker)
            return [deltas_of(&worker.replicas[k]) for k in range(self.plan.n_matrices)]
        finally:
            free_aligned(worker.arena.memory)

    def batches(self):
        """The batches as one worker would meet them, without training: for tests.

        Returns
        -------
        list of dict
            `outputs`: ids of m words, `positives` and `weights`: n × m, `alpha`, and `inputs`: for skip-gram the ids of
            n words, for CBOW n lists of the ids of a context, which are `offsets` from the centre; tags follow after
            words. Of texts they are lists of the ids of a text, each as often as it is there. `tree` is whether the
            outputs are nodes, and `objective` the number of the objective.
        """
        cdef Worker worker
        cdef Team team = self.team
        cdef Batch *b
        cdef Py_ssize_t n, m
        made, team.together = [], False
        begin_worker(&worker, &self.plan, &team)
        while True:
            b = advance(&worker)
            if b == NULL:
                break
            n, m = b.step.n, b.step.m
            pooled = self.plan.inputs.pooled
            made.append({
                "inputs": [context_of(&self.plan, b, b.centres[i])[0] if pooled else b.inputs[i] for i in range(n)],
                "offsets": [context_of(&self.plan, b, b.centres[i])[1] if pooled else 0 for i in range(n)],
                "outputs": [b.outputs[j] for j in range(m)],
                "positives": np.array(<float[:n, :b.step.columns]>b.step.positives)[:, :m],
                "weights": np.array(<float[:n, :b.step.columns]>b.step.weights)[:, :m],
                "alpha": b.step.alpha,
                "tree": b.objective.top,
                "objective": b.objective - &self.plan.objectives[0],
            })
        free_aligned(worker.arena.memory)
        return made
