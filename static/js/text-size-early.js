// In the head, before the first paint, so that the text does not jump: the size that the reader chose last time.
try { document.documentElement.dataset.textSize = localStorage.textSize || "standard" } catch { document.documentElement.dataset.textSize = "standard" }
