"""The namespaces of the front door: ``tf.nn``, ``tf.linalg`` and their like. Each is a list of names from the ops."""
