"""`circles doctor URL`: proves, through whatever stands before Circles, that its promises arrive.

It opens real streams at the address that clients use and says of each promise whether it holds,
what was seen, and what to change in which proxy. One file per check, in `checks`.
"""
