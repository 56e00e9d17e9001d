"""How often gradient checkers are wrong: right rules and planted faults, at many scales, for several checkers."""
