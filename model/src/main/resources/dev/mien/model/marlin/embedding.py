
  def forward(self, pixels: Tensor) -> Tensor:
    return self.embed(pixels, self.weights)
