"""Linear and mixed-integer programs as matrices: relaxation, decomposition, bounds, rolling fix-and-optimize; knows no technology and no scenario."""
