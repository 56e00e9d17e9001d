"""What all layers and models share: the base class of layers, models, and the training loop."""
