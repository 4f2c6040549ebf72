"""`script/demo --once`: the roads that people take, once, through the real pages."""
