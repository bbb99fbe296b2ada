"""Files: what a path or an open file is read as, and how one is written that appears whole or not at all.

- `packing`: what is packed, by the ends of names and the first bytes of files, and what reads and writes it
- `archives`: archives of one file
- `beginnings`: what may stand before text, and what is none
- `limits`: what a file may ask for before it is believed
- `mapping`: files as arrays that are read when they are touched
- `textfile`: text in blocks, lines, and pieces for several readers
- `outputs`: files that appear whole or not at all
- `spill`: temporary files for what does not fit in memory
"""
