import Hummingbird
import Configuration
print("placeholder")
