  # Methods of the TorchScript class that MarlinScript assembles.
  # B clips, T frames, G patches a side, N tokens, V values of a patch, D width, S heads.
  # Parameters arrive as a list in the order of MarlinArchitecture.layout(), of the type in which
  # the network computes; pixels, positions, losses and the optimiser's vectors are float32.

  # (B,T,H,W,3) -> (B,N,V)
  def patches(self, pixels: Tensor) -> Tensor:
    G = self.grid
    x = pixels.view([-1, self.tubelets, self.tubelet, G, self.patch, G, self.patch, 3])
    x = torch.permute(x, [0, 1, 3, 5, 7, 2, 4, 6])  # channel first inside a patch
    values = 3 * self.tubelet * self.patch * self.patch
    return x.reshape([-1, self.tubelets * G * G, values])

  # bytes to the unit interval; float32 is taken to lie there
  def values(self, patches: Tensor) -> Tensor:
    if torch.is_floating_point(patches):
      return patches
    return torch.div_(torch.to(patches, 6), 255.)

  # the patches of these numbers: (B,N,V), (B,count) -> (B,count,V)
  def take(self, patches: Tensor, index: Tensor) -> Tensor:
    rows = torch.arange(0, patches.size(0), dtype=4, device=ops.prim.device(index)) * patches.size(1)
    rows = torch.reshape(index + rows.unsqueeze(1), [-1])  # whole rows are copied faster than values
    taken = torch.index_select(patches.view([-1, patches.size(2)]), 0, rows)
    return taken.view([index.size(0), index.size(1), patches.size(2)])

  # x in the type of the parameters, at the places that the table (N,D) gives to the tokens
  def place(self, x: Tensor, table: Tensor, tokens: Tensor, type: Tensor) -> Tensor:
    return torch.to(x + torch.embedding(table, tokens), type)

  def linear(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    return torch.linear(x, weight.view([-1, x.size(-1)]), bias)

  # In float32 on processors, which sum the slopes of weight and bias over all tokens in the type
  # of x; bfloat16 would lose what is small beside the sum.
  def norm(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if ops.prim.is_cuda(x):
      return torch.layer_norm(x, [x.size(-1)], weight, bias, 1e-5)
    exact = torch.layer_norm(
        torch.to(x, 6), [x.size(-1)], torch.to(weight, 6), torch.to(bias, 6), 1e-5)
    return torch.to(exact, x)

  # three times (B,S,N,D/S) -> (B,S,N,D/S)
  def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    if ops.prim.is_cuda(q) or ops.prim.dtype(q) == 6:
      return torch.scaled_dot_product_attention(q, k, v)
    # libtorch's fused attention for processors differentiates bfloat16 slower than float32; plain
    # products run on the matrix units
    q = q * (q.size(-1) ** -0.5)
    if k.size(2) < 512:
      return torch.matmul(torch.softmax(torch.matmul(q, torch.transpose(k, -2, -1)), -1), v)
    # of many tokens, only one head's scores at a time stay in the cache
    attended = annotate(List[Tensor], [])
    for clip in range(q.size(0)):
      queries = torch.unbind(torch.select(q, 0, clip))
      keys = torch.unbind(torch.select(k, 0, clip))
      values = torch.unbind(torch.select(v, 0, clip))
      for head in range(len(queries)):
        scores = torch.mm(queries[head], torch.t(keys[head]))
        attended.append(torch.mm(torch.softmax(scores, -1), values[head]))
    return torch.stack(attended).view(q.size())

  # The tokens from number first on, after attention to all of them; at: the block's first parameter.
  def block(self, x: Tensor, p: List[Tensor], at: int, heads: int, first: int) -> Tensor:
    y = self.norm(x, p[at], p[at + 1])
    bias = torch.cat([p[at + 2], torch.zeros_like(p[at + 2]), p[at + 3]])  # keys have none
    if first == 0:
      y = self.linear(y, p[at + 4], bias).view([x.size(0), x.size(1), 3, heads, -1])
      q, k, v = torch.unbind(torch.permute(y, [2, 0, 3, 1, 4]))  # (B,N,3,S,D/S) -> 3 of (B,S,N,D/S)
    else:
      D = x.size(2)
      asking = torch.narrow(y, 1, first, x.size(1) - first)
      x = torch.narrow(x, 1, first, x.size(1) - first)
      weight = p[at + 4].view([3 * D, D])
      q = self.linear(asking, torch.narrow(weight, 0, 0, D), p[at + 2])
      q = torch.transpose(q.view([x.size(0), x.size(1), heads, -1]), 1, 2)
      y = self.linear(y, torch.narrow(weight, 0, D, 2 * D), torch.narrow(bias, 0, D, 2 * D))
      y = y.view([x.size(0), y.size(1), 2, heads, -1])
      k, v = torch.unbind(torch.permute(y, [2, 0, 3, 1, 4]))
    y = self.attend(q, k, v)
    y = torch.transpose(y, 1, 2).reshape([x.size(0), x.size(1), -1])
    x = x + self.linear(y, p[at + 5], p[at + 6])
    y = self.norm(x, p[at + 7], p[at + 8])
    y = torch.gelu(self.linear(y, p[at + 9], p[at + 10]))
    return x + self.linear(y, p[at + 11], p[at + 12])

  def encoder_blocks(self, x: Tensor, p: List[Tensor]) -> Tensor:
    for i in range(self.encoder_depth):
      x = self.block(x, p, 2 + 13 * i, self.encoder_heads, 0)
    return x

  # (B,T,H,W,3) -> (B,N,D), without the last norm
  def encode(self, pixels: Tensor, p: List[Tensor]) -> Tensor:
    x = self.values(self.patches(pixels))
    x = self.linear(x, p[0], p[1]) + self.encoder_positions
    return self.encoder_blocks(x, p)

  # (B,T,H,W,3) -> (B,D): the mean of all tokens, then the norm
  def embed(self, pixels: Tensor, weights: Tensor) -> Tensor:
    p = torch.split_with_sizes(weights, self.sizes)
    last = 2 + 13 * self.encoder_depth
    return self.norm(torch.mean(self.encode(pixels, p), [1]), p[last], p[last + 1])

  # (B,T,H,W,3) -> (B,N*D): every token after the norm
  def sequence(self, pixels: Tensor, weights: Tensor) -> Tensor:
    p = torch.split_with_sizes(weights, self.sizes)
    last = 2 + 13 * self.encoder_depth
    x = self.norm(self.encode(pixels, p), p[last], p[last + 1])
    return x.reshape([x.size(0), -1])
