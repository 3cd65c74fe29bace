
  # visible, masked: token numbers, ascending; (B,visible) and (B,masked) -> (B,masked,V)
  def predict(self, p: List[Tensor], patches: Tensor, visible: Tensor, masked: Tensor) -> Tensor:
    type = p[0]
    # only what the encoder sees is projected
    seen = torch.to(self.values(self.take(patches, visible)), type)
    x = self.place(self.linear(seen, p[0], p[1]), self.encoder_positions, visible, type)
    x = self.encoder_blocks(x, p)
    at = 2 + 13 * self.encoder_depth
    x = self.linear(self.norm(x, p[at], p[at + 1]), p[at + 2], None)
    x = self.place(x, self.decoder_positions, visible, type)
    hidden = self.place(p[at + 3].view([1, 1, -1]), self.decoder_positions, masked, type)
    x = torch.cat([x, hidden], 1)
    at = at + 4
    for i in range(self.decoder_depth):
      x = self.block(x, p, at + 13 * i, self.decoder_heads)
    at = at + 13 * self.decoder_depth
    x = self.norm(torch.narrow(x, 1, visible.size(1), masked.size(1)), p[at], p[at + 1])
    return torch.to(self.linear(x, p[at + 2], p[at + 3]), 6)

  # the mean score that the discriminator gives to patches (B,masked,V)
  def score(self, d: List[Tensor], patches: Tensor) -> Tensor:
    x = torch.leaky_relu(self.linear(torch.to(patches, d[0]), d[0], d[1]), 0.01)
    return torch.mean(torch.to(self.linear(x, d[2], d[3]), 6))

  # the flat vector's parts, copied to the type in which the network computes if it is another
  def parts(self, vector: Tensor, sizes: List[int]) -> List[Tensor]:
    return torch.split_with_sizes(torch.to(vector, self.compute_type), sizes)

  # aliases of the flat vector's parts that collect gradients of their own
  def leaves(self, parts: List[Tensor]) -> List[Tensor]:
    result = annotate(List[Tensor], [])
    for part in parts:
      result.append(torch.requires_grad_(torch.detach(part), True))
    return result

  def gradients(self, loss: Tensor, leaves: List[Tensor]) -> List[Tensor]:
    result = annotate(List[Tensor], [])
    for gradient in torch.grad([loss], leaves):
      result.append(torch.to(ops.prim.unchecked_unwrap_optional(gradient), 6))
    return result

  # scales the gradients down to the clip and returns their norm before that
  def clip(self, gradients: List[Tensor]) -> Tensor:
    norm = torch.norm(torch.stack(torch._foreach_norm(gradients)))
    if self.gradient_clip > 0. and float(norm) > self.gradient_clip:
      for gradient in gradients:
        torch.mul_(gradient, self.gradient_clip / (float(norm) + 1e-6))
    return norm

  # at: the first parameter's number in the layout
  def descend(self, parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor],
      squares: List[Tensor], at: int, schedule: Tensor) -> None:
    if self.sgd == 1:
      for i in range(len(parameters)):
        torch.add_(parameters[i], gradients[i], alpha=-float(schedule[0]))
    else:
      self.adamw(parameters, gradients, means, squares, at, schedule)

  def adamw(self, parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor],
      squares: List[Tensor], at: int, schedule: Tensor) -> None:
    rate = float(schedule[0])
    step = torch.to(schedule[1], parameters[0])
    for decayed in range(2):
      weights = annotate(List[Tensor], [])
      slopes = annotate(List[Tensor], [])
      first = annotate(List[Tensor], [])
      second = annotate(List[Tensor], [])
      steps = annotate(List[Tensor], [])
      for i in range(len(parameters)):
        if self.decayed[at + i] == decayed:
          weights.append(parameters[i])
          slopes.append(gradients[i])
          first.append(means[i])
          second.append(squares[i])
          steps.append(step)
      if len(weights) > 0:
        torch._fused_adamw_(weights, slopes, first, second, annotate(List[Tensor], []), steps,
            lr=rate, beta1=self.beta1, beta2=self.beta2, weight_decay=self.weight_decay * decayed,
            eps=self.epsilon, amsgrad=False, maximize=False)
        # the compiler sees no write to the elements of a list and would drop the call as dead;
        # a list that the module holds is alive
        self.updated = weights
    self.updated = annotate(List[Tensor], [])

  # One step of the discriminator, then one of the generator against it. The vectors are changed
  # in place, and only when every loss and gradient is finite.
  # schedule: learning rate, number of this step from 1.
  # Returns reconstruction, adversarial and discriminator loss, gradient norm, 1 if the step was taken.
  def step(self, pixels: Tensor, visible: Tensor, masked: Tensor, parameters: Tensor,
      means: Tensor, squares: Tensor, schedule: Tensor) -> Tensor:
    sizes = [parameters.size(0) - self.discriminator_size, self.discriminator_size]
    generator, discriminator = torch.split_with_sizes(parameters, sizes)
    generator_mean, discriminator_mean = torch.split_with_sizes(means, sizes)
    generator_square, discriminator_square = torch.split_with_sizes(squares, sizes)
    weights = torch.split_with_sizes(generator, self.generator_sizes)
    g = self.leaves(self.parts(generator, self.generator_sizes))
    patches = self.patches(pixels)
    target = self.values(self.take(patches, masked))
    prediction = self.predict(g, patches, visible, masked)
    reconstruction = torch.mse_loss(prediction, target)
    adversarial = torch.zeros_like(reconstruction)
    contrast = torch.zeros_like(reconstruction)
    loss = reconstruction
    finite = True
    critic = discriminator
    critic_mean = discriminator_mean
    critic_square = discriminator_square
    if self.adversarial_weight > 0.:
      d = self.leaves(self.parts(discriminator, self.discriminator_sizes))
      contrast = self.score(d, torch.detach(prediction)) - self.score(d, target)
      slopes = self.gradients(contrast, d)
      finite = bool(torch.isfinite(self.clip(slopes)))
      critic = torch.clone(discriminator)
      critic_mean = torch.clone(discriminator_mean)
      critic_square = torch.clone(discriminator_square)
      updated = torch.split_with_sizes(critic, self.discriminator_sizes)
      self.descend(updated, slopes, torch.split_with_sizes(critic_mean, self.discriminator_sizes),
          torch.split_with_sizes(critic_square, self.discriminator_sizes), len(weights), schedule)
      adversarial = -self.score(self.parts(critic, self.discriminator_sizes), prediction)
      loss = reconstruction + adversarial * self.adversarial_weight
    slopes = self.gradients(loss, g)
    norm = self.clip(slopes)
    finite = finite and bool(torch.isfinite(norm)) and bool(torch.isfinite(loss))
    if finite:
      self.descend(weights, slopes, torch.split_with_sizes(generator_mean, self.generator_sizes),
          torch.split_with_sizes(generator_square, self.generator_sizes), 0, schedule)
      if self.adversarial_weight > 0.:
        torch.copy_(discriminator, critic)
        torch.copy_(discriminator_mean, critic_mean)
        torch.copy_(discriminator_square, critic_square)
    taken = torch.full_like(norm, float(finite))
    result = torch.stack([reconstruction, adversarial, contrast, norm, taken])
    return torch.to(torch.detach(result), 7)

  # Returns reconstruction, adversarial and discriminator loss.
  def evaluate(self, pixels: Tensor, visible: Tensor, masked: Tensor, parameters: Tensor) -> Tensor:
    p = self.parts(parameters, self.generator_sizes + self.discriminator_sizes)
    patches = self.patches(pixels)
    target = self.values(self.take(patches, masked))
    prediction = self.predict(p, patches, visible, masked)
    reconstruction = torch.mse_loss(prediction, target)
    adversarial = torch.zeros_like(reconstruction)
    contrast = torch.zeros_like(reconstruction)
    if self.adversarial_weight > 0.:
      d = p[len(self.generator_sizes):]
      fake = self.score(d, prediction)
      adversarial = -fake
      contrast = fake - self.score(d, target)
    return torch.to(torch.stack([reconstruction, adversarial, contrast]), 7)

  # Returns the clip with predictions, then the clip with grey, both (B,T,H,W,3) of uint8.
  def reconstruct(self, pixels: Tensor, visible: Tensor, masked: Tensor, parameters: Tensor) -> List[Tensor]:
    p = self.parts(parameters, self.generator_sizes + self.discriminator_sizes)
    patches = self.patches(pixels)
    index = masked.unsqueeze(2).expand([-1, -1, patches.size(2)])
    prediction = torch.clamp(torch.round(self.predict(p, patches, visible, masked) * 255.), 0., 255.)
    completed = torch.scatter(patches, 1, index, torch.to(prediction, 0))
    grey = torch.scatter(patches, 1, index, 128)
    return [self.frames(completed), self.frames(grey)]

  # (B,N,V) -> (B,T,H,W,3)
  def frames(self, patches: Tensor) -> Tensor:
    G = self.grid
    x = patches.view([-1, self.tubelets, G, G, 3, self.tubelet, self.patch, self.patch])
    x = torch.permute(x, [0, 1, 5, 2, 6, 3, 7, 4])
    return x.reshape([-1, self.tubelets * self.tubelet, G * self.patch, G * self.patch, 3])
