"""The mistakes of a course on derivatives, made by an engine of their own: nothing here is gradcli's."""
