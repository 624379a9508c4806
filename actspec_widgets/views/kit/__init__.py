"""What every instrument is made of: theme, words, figures, tables, controls, work in the background."""

from .one_thread import listen_on_one_thread

listen_on_one_thread()
