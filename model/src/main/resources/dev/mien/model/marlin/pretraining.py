
  # visible, masked: token numbers, ascending; (B,visible) and (B,masked) -> (B,masked,D), the
  # decoder's output at the masked tokens, which the head makes patches of
  def features(self, p: List[Tensor], patches: Tensor, visible: Tensor, masked: Tensor) -> Tensor:
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
      # nobody reads what the last block would make of the visible tokens
      first = visible.size(1) if i == self.decoder_depth - 1 else 0
      x = self.block(x, p, at + 13 * i, self.decoder_heads, first)
    at = at + 13 * self.decoder_depth
    return self.norm(x, p[at], p[at + 1])

  # (B,masked,D) -> (B,masked,V)
  def head(self, p: List[Tensor], features: Tensor) -> Tensor:
    at = 2 + 13 * self.encoder_depth + 4 + 13 * self.decoder_depth + 2
    return torch.to(self.linear(features, p[at], p[at + 1]), 6)

  # Mean and deviation of each channel of a patch: (B,N,V) -> twice (B,N,3,1)
  def spread(self, patches: Tensor) -> Tuple[Tensor, Tensor]:
    channels = patches.view([patches.size(0), patches.size(1), 3, -1])
    mean = torch.mean(channels, [3], True)
    return mean, torch.std(channels, [3], True, True) + 1e-6

  # what the predictions are compared with: (B,N,V)
  def target(self, patches: Tensor, masked: Tensor) -> Tensor:
    x = self.values(self.take(patches, masked))
    if self.normalised_targets == 0:
      return x
    mean, deviation = self.spread(x)
    channels = x.view([x.size(0), x.size(1), 3, -1])
    return torch.div(channels - mean, deviation).view([x.size(0), x.size(1), -1])

  # what the discriminator's first layer makes of patches (B,masked,V): (B,masked,H)
  def judged(self, d: List[Tensor], patches: Tensor) -> Tensor:
    return self.linear(torch.to(patches, d[0]), d[0], d[1])

  # The same of the patches that the head would make: two linear maps in a row are one, from D
  # values instead of V, and neither its result nor its gradients need the patches.
  def judged_features(self, d: List[Tensor], features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    first = d[0].view([-1, bias.size(0)])
    joined = torch.matmul(first, weight.view([bias.size(0), -1]))
    return torch.linear(features, joined, torch.mv(first, bias) + d[1])

  # the mean score of all patches
  def score(self, d: List[Tensor], judged: Tensor) -> Tensor:
    x = torch.mean(torch.leaky_relu(judged, 0.01), [0, 1], False, dtype=6)
    return torch.sum(x * torch.to(d[2], 6)) + torch.to(d[3], 6).view([])

  # How far the slopes of the score between real and predicted patches are from 1 (Gulrajani et
  # al., 2017): mean (|slope|_2 - 1)^2. The first layer is linear, so that what it makes of the
  # patches between lies between; the slope u W of a patch has the square u (W W^T) u^T.
  def penalty(self, d: List[Tensor], real: Tensor, predicted: Tensor, share: float) -> Tensor:
    between = torch.detach(real * share + predicted * (1. - share))
    u = torch.to(torch.gt(between, 0.), d[2]) * 0.99 + 0.01
    u = u * d[2]
    first = d[0].view([d[1].size(0), -1])
    square = torch.matmul(u, torch.matmul(first, first.t())) * u
    # at a length of 0, or below by rounding, the root has no slope
    length = torch.sqrt(torch.clamp_min(torch.sum(square, [2], False, dtype=6), 1e-12))
    return torch.mean(torch.pow(length - 1., 2))

  # the flat vector's parts, copied to the type in which the network computes if it is another
  def parts(self, vector: Tensor, sizes: List[int]) -> List[Tensor]:
    return torch.split_with_sizes(torch.to(vector, self.compute_type), sizes)

  # aliases of the flat vector's parts that collect gradients of their own
  def leaves(self, parts: List[Tensor]) -> List[Tensor]:
    result = annotate(List[Tensor], [])
    for part in parts:
      result.append(torch.requires_grad_(torch.detach(part), True))
    return result

  # adds the gradients of a part of the batch to those of the parts before it
  def accumulate(self, sum: List[Tensor], loss: Tensor, leaves: List[Tensor]) -> List[Tensor]:
    result = annotate(List[Tensor], [])
    for gradient in torch.grad([loss], leaves):
      result.append(torch.to(ops.prim.unchecked_unwrap_optional(gradient), 6))
    for i in range(len(sum)):
      torch.add_(result[i], sum[i])
    return result

  # scales the gradients down to the clip and returns their norm before that
  def clip(self, gradients: List[Tensor]) -> Tensor:
    norm = torch.norm(torch.stack(torch._foreach_norm(gradients)))
    if self.gradient_clip > 0.:
      length = float(norm)  # a wait for the device
      if length > self.gradient_clip:
        scale = self.gradient_clip / (length + 1e-6)
        for gradient in gradients:
          torch.mul_(gradient, scale)
    return norm

  # at: the first parameter's number in the layout; number: of this step, from 1
  def descend(self, parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor],
      squares: List[Tensor], at: int, rate: float, number: Tensor) -> None:
    if self.sgd == 1:
      for i in range(len(parameters)):
        torch.add_(parameters[i], gradients[i], alpha=-rate)
    else:
      self.adamw(parameters, gradients, means, squares, at, rate, number)

  def adamw(self, parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor],
      squares: List[Tensor], at: int, rate: float, number: Tensor) -> None:
    step = torch.to(number, parameters[0])
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

  # keeps what step works on
  def hold(self, inputs: List[Tensor]) -> None:
    self.held = inputs

  # Steps of the discriminator, then of the generator against it, each on the whole batch, a part
  # of it at a time. The vectors are changed in place, and only when every loss and gradient is
  # finite.
  # Of the inputs held, schedule is the learning rate, the number of this step from 1, then where
  # between real and predicted each step of the discriminator looks at its slope.
  # Returns reconstruction, adversarial and discriminator loss, gradient norm of the generator (of
  # the first steps where there are several; when none is taken, the norm that was not finite,
  # perhaps the discriminator's), 1 if the step was taken.
  def step(self) -> Tensor:
    pixels, visible, masked, parameters, means, squares, schedule = self.held
    sizes = [parameters.size(0) - self.discriminator_size, self.discriminator_size]
    generator, discriminator = torch.split_with_sizes(parameters, sizes)
    generator_mean, discriminator_mean = torch.split_with_sizes(means, sizes)
    generator_square, discriminator_square = torch.split_with_sizes(squares, sizes)
    rate = float(schedule[0])
    before = schedule[1] - 1
    clips = pixels.size(0)
    size = min(clips, self.micro_batch)
    whole = size == clips
    nothing = torch.full([], 0., dtype=6, device=ops.prim.device(parameters))
    finite = True

    leaves = self.leaves(self.parts(generator, self.generator_sizes))
    last = len(leaves) - 2
    # the batch's, or without gradients its parts'
    features = annotate(List[Tensor], [])
    target = nothing
    if whole:
      patches = self.patches(pixels)
      target = self.target(patches, masked)
      features.append(self.features(leaves, patches, visible, masked))

    critic = discriminator
    critic_mean = discriminator_mean
    critic_square = discriminator_square
    contrast = nothing
    critic_norm = nothing
    if self.adversarial_weight > 0.:
      critic = torch.clone(discriminator)
      critic_mean = torch.clone(discriminator_mean)
      critic_square = torch.clone(discriminator_square)
      if not whole:
        fixed = self.parts(generator, self.generator_sizes)
        for start in range(0, clips, size):
          n = min(size, clips - start)
          patches = self.patches(torch.narrow(pixels, 0, start, n))
          hidden = torch.narrow(masked, 0, start, n)
          features.append(self.features(fixed, patches, torch.narrow(visible, 0, start, n), hidden))
      weight = torch.detach(leaves[last])
      bias = torch.detach(leaves[last + 1])
      for i in range(self.discriminator_steps):
        d = self.leaves(self.parts(critic, self.discriminator_sizes))
        slopes = annotate(List[Tensor], [])
        for part in range(len(features)):
          n = features[part].size(0)
          share = n / clips
          if not whole:  # made again, because those of all parts are several times the clips' size
            patches = self.patches(torch.narrow(pixels, 0, part * size, n))
            target = self.target(patches, torch.narrow(masked, 0, part * size, n))
          fake = self.judged_features(d, torch.detach(features[part]), weight, bias)
          real = self.judged(d, target)
          difference = self.score(d, fake) - self.score(d, real)
          if i == 0:
            contrast = contrast + torch.detach(difference) * share
          if self.gradient_penalty > 0.:
            penalty = self.penalty(d, real, fake, float(schedule[2 + i]))
            difference = difference + penalty * self.gradient_penalty
          slopes = self.accumulate(slopes, difference * share, d)
        length = self.clip(slopes)
        if finite:
          critic_norm = length
        finite = finite and bool(torch.isfinite(length))
        self.descend(torch.split_with_sizes(critic, self.discriminator_sizes), slopes,
            torch.split_with_sizes(critic_mean, self.discriminator_sizes),
            torch.split_with_sizes(critic_square, self.discriminator_sizes),
            len(leaves), rate, before * self.discriminator_steps + (i + 1))

    norm = nothing
    if not finite:
      norm = critic_norm
    judge = self.parts(critic, self.discriminator_sizes)
    reconstruction = nothing
    adversarial = nothing
    saved = annotate(List[Tensor], [])
    if self.generator_steps > 1:
      saved = [torch.clone(generator), torch.clone(generator_mean), torch.clone(generator_square)]
    for j in range(self.generator_steps):
      if j > 0:
        leaves = self.leaves(self.parts(generator, self.generator_sizes))
      slopes = annotate(List[Tensor], [])
      for start in range(0, clips, size):
        n = min(size, clips - start)
        if whole and j == 0:
          x = features[0]
        else:
          hidden = torch.narrow(masked, 0, start, n)
          patches = self.patches(torch.narrow(pixels, 0, start, n))
          target = self.target(patches, hidden)
          x = self.features(leaves, patches, torch.narrow(visible, 0, start, n), hidden)
        loss = torch.mse_loss(self.head(leaves, x), target)
        if j == 0:
          reconstruction = reconstruction + torch.detach(loss) * (n / clips)
        if self.adversarial_weight > 0.:
          term = -self.score(judge, self.judged_features(judge, x, leaves[last], leaves[last + 1]))
          if j == 0:
            adversarial = adversarial + torch.detach(term) * (n / clips)
          loss = loss + term * self.adversarial_weight
        slopes = self.accumulate(slopes, loss * (n / clips), leaves)
      length = self.clip(slopes)
      if finite:
        if j == 0:
          norm = length
        finite = bool(torch.isfinite(length + reconstruction + adversarial))
        if not finite:
          norm = length
      if finite:
        self.descend(torch.split_with_sizes(generator, self.generator_sizes), slopes,
            torch.split_with_sizes(generator_mean, self.generator_sizes),
            torch.split_with_sizes(generator_square, self.generator_sizes),
            0, rate, before * self.generator_steps + (j + 1))

    if finite and self.adversarial_weight > 0.:
      torch.copy_(discriminator, critic)
      torch.copy_(discriminator_mean, critic_mean)
      torch.copy_(discriminator_square, critic_square)
    if not finite and self.generator_steps > 1:
      torch.copy_(generator, saved[0])
      torch.copy_(generator_mean, saved[1])
      torch.copy_(generator_square, saved[2])
    taken = torch.full_like(norm, float(finite))
    result = torch.stack([reconstruction, adversarial, contrast, norm, taken])
    return torch.to(torch.detach(result), 7)

  # Returns reconstruction, adversarial and discriminator loss, computed a part at a time.
  def evaluate(self, pixels: Tensor, visible: Tensor, masked: Tensor, parameters: Tensor) -> Tensor:
    p = self.parts(parameters, self.generator_sizes + self.discriminator_sizes)
    clips = pixels.size(0)
    size = min(clips, self.micro_batch)
    losses = torch.full([3], 0., dtype=7, device=ops.prim.device(parameters))
    for start in range(0, clips, size):
      n = min(size, clips - start)
      part = self.losses(p, torch.narrow(pixels, 0, start, n), torch.narrow(visible, 0, start, n),
          torch.narrow(masked, 0, start, n))
      losses = losses + torch.to(part, 7) * (n / clips)
    return losses

  def losses(self, p: List[Tensor], pixels: Tensor, visible: Tensor, masked: Tensor) -> Tensor:
    last = len(self.generator_sizes) - 2
    patches = self.patches(pixels)
    target = self.target(patches, masked)
    x = self.features(p, patches, visible, masked)
    reconstruction = torch.mse_loss(self.head(p, x), target)
    adversarial = torch.zeros_like(reconstruction)
    contrast = torch.zeros_like(reconstruction)
    if self.adversarial_weight > 0.:
      d = p[len(self.generator_sizes):]
      fake = self.score(d, self.judged_features(d, x, p[last], p[last + 1]))
      adversarial = -fake
      contrast = fake - self.score(d, self.judged(d, target))
    return torch.stack([reconstruction, adversarial, contrast])

  # Returns the clips with predictions, then the clips with grey, both (B,T,H,W,3) of uint8.
  def reconstruct(self, pixels: Tensor, visible: Tensor, masked: Tensor, parameters: Tensor) -> List[Tensor]:
    p = self.parts(parameters, self.generator_sizes + self.discriminator_sizes)
    clips = pixels.size(0)
    size = min(clips, self.micro_batch)
    completed = annotate(List[Tensor], [])
    grey = annotate(List[Tensor], [])
    for start in range(0, clips, size):
      n = min(size, clips - start)
      patches = self.patches(torch.narrow(pixels, 0, start, n))
      hidden = torch.narrow(masked, 0, start, n)
      index = hidden.unsqueeze(2).expand([-1, -1, patches.size(2)])
      made = self.predict(p, patches, torch.narrow(visible, 0, start, n), hidden)
      completed.append(self.frames(torch.scatter(patches, 1, index, made)))
      grey.append(self.frames(torch.scatter(patches, 1, index, 128)))
    return [torch.cat(completed), torch.cat(grey)]

  # Patches for the masked tokens, (B,masked,V) of uint8. Normalised predictions get the mean and
  # deviation of the patch that they stand for.
  def predict(self, p: List[Tensor], patches: Tensor, visible: Tensor, masked: Tensor) -> Tensor:
    prediction = self.head(p, self.features(p, patches, visible, masked))
    if self.normalised_targets == 1:
      mean, deviation = self.spread(self.values(self.take(patches, masked)))
      channels = prediction.view([prediction.size(0), prediction.size(1), 3, -1])
      prediction = (channels * deviation + mean).view([prediction.size(0), prediction.size(1), -1])
    return torch.to(torch.clamp(torch.round(prediction * 255.), 0., 255.), 0)

  # (B,N,V) -> (B,T,H,W,3)
  def frames(self, patches: Tensor) -> Tensor:
    G = self.grid
    x = patches.view([-1, self.tubelets, G, G, 3, self.tubelet, self.patch, self.patch])
    x = torch.permute(x, [0, 1, 5, 2, 6, 3, 7, 4])
    return x.reshape([-1, self.tubelets * self.tubelet, G * self.patch, G * self.patch, 3])
