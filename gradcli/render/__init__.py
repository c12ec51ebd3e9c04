"""Report → text: one small file per format, each a pure function. Nothing here computes, prints or exits."""
