"""What Circles is made of that others wrote: its bill of materials, and whether anything in it is
known to be weak. The tools for that have a virtual environment of their own."""
