"""Text → Expr: plain notation, names and worksheets; loads the tables made from ``grammar/*.lark``."""
