"""The circuit as a picture: Graphviz places, the drawing and its letters are ours."""
