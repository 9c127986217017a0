//! Each rule of time, links and crews in a case small enough to check by hand.
