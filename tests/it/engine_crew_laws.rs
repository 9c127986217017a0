//! Who waits for crews and racks: laws, and a slow engine that is obviously right.
