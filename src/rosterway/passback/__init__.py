"""Grade passback, decided: one course's gradebook becomes what its SIS is to be told, and why.

Pure: no clock, network, log, database or file. What Canvas has comes in as a `gradebook`, what the
SIS has as a `class_gradebook`; what goes out is a plan of puts, with a verdict on every assignment.
"""
