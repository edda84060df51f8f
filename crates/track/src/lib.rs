//! Rise and fall, weights and initial states.
