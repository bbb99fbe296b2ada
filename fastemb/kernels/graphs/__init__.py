"""Graphs: from lists of edges to rows of neighbours, and walks over them.

    parse           text to the numbers of nodes, and weights                                   edges
    group, …        edges to compressed rows, sorted, each neighbour once                       rows
    Adjacency       rows that were checked, with what walks look up: alias tables, a filter     adjacency
      weigh_common    of the two ends of each edge                                              common
    Walker          walks, many at a time in each thread                                        walker
      first_order     to neighbours, uniformly or by weight                                     first
      second_order    node2vec's and node2vec+'s, by rejection                                  second
      draw_exactly    what rejection does where it fails too often                              exact

Each walk has a stream of random numbers of its own, which depends on the seed, the epoch, its node and its number
there, so that it does not matter which thread makes it.
"""
