// Reading tickets with the camera: by the browser's own reader where it has one, else by jsQR.
const BETWEEN_MS = 180;
const SAME_AGAIN_MS = 2500;
const WIDEST = 640;

export class Camera {
  constructor(video, readerAddress, onCode) {
    this.video = video;
    this.readerAddress = readerAddress;
    this.onCode = onCode;
    this.canvas = document.createElement("canvas");
    this.last = { code: "", at: 0 };
  }

  get on() {
    return Boolean(this.stream);
  }

  // Raises what the browser raises when the camera is not permitted.
  async start() {
    const wish = { video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false };
    this.stream = await navigator.mediaDevices.getUserMedia(wish);
    this.video.srcObject = this.stream;
    await this.video.play();
    this.read = await reader(this.readerAddress);
    this.#look();
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  async #look() {
    while (this.on) {
      const code = this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await this.read(this.#frame()) : "";
      if (code && this.#isNew(code)) {
        navigator.vibrate?.(60);
        this.onCode(code);
      }
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }

  #frame() {
    const scale = Math.min(1, WIDEST / this.video.videoWidth);
    this.canvas.width = Math.round(this.video.videoWidth * scale);
    this.canvas.height = Math.round(this.video.videoHeight * scale);
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    return context.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }

  // One ticket held before the camera is one scan.
  #isNew(code) {
    const now = performance.now();
    const again = code === this.last.code && now - this.last.at < SAME_AGAIN_MS;
    this.last = { code, at: now };
    return !again;
  }
}

async function reader(address) {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (frame) => (await detector.detect(frame))[0]?.rawValue ?? "";
  }
  await import(address);
  return async (frame) => self.jsQR(frame.data, frame.width, frame.height, { inversionAttempts: "dontInvert" })?.data ?? "";
}
