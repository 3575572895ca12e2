// Reads a JSON list of texts from standard input, writes what Twilio's own calculator makes of each.
const { SegmentedMessage } = require('sms-segments-calculator');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(
  JSON.stringify(
    texts.map((text) => {
      const message = new SegmentedMessage(text);
      const units = message.encodedChars.reduce((sum, char) => sum + char.codeUnits.length, 0);
      return [message.encodingName, units, message.segmentsCount];
    }),
  ),
);
